package io.hermes.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.subscribe.SubscriberBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The JVM of one round. For each line of its input, the contestant with that name handles the
 * events of a topic, first warm-up events and then the measured ones, and the JVM prints its {@link
 * Measurement}. If there are several contestants, each first has a turn that is not measured.
 *
 * <p>Arguments: contestants separated by semicolons, bootstrap servers, topic, warm-up events,
 * measured events, microseconds that a handler sleeps, and events per second that this JVM
 * publishes, to measure the latency to the handler (0: the events already on the topic, at full
 * speed).
 *
 * <p>Contestants: {@code raw} (the poll loop), {@code sleep:64} (64 threads that only sleep),
 * {@code pool:64} (the poll loop feeding 64 threads that parse and handle, without order or
 * commits), {@code hermes:KEY:64} (order and concurrency), {@code hermes:KEY:64:observed} (with an
 * {@link ObserverChoice}), and those of {@link HandlePeers}.
 */
final class HandleContestant {

  private final int warmUp;
  private final int all;
  private final long sleepNs;
  private final long[] latenciesNs; // of each event; empty if not measured
  private final AtomicLong count = new AtomicLong();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long startNs;
  private volatile long startCpuNs;
  private volatile long startAllocated;

  private HandleContestant(int warmUp, int measured, long sleepMicros, int rate) {
    this.warmUp = warmUp;
    this.all = warmUp + measured;
    this.sleepNs = sleepMicros * 1_000;
    this.latenciesNs = new long[rate > 0 ? all : 0];
  }

  public static void main(String[] args) throws Exception {
    String[] names = args[0].split(";", -1);
    for (String name : names.length > 1 ? names : new String[0]) {
      var unused = turn(name, args);
    }
    var turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String name;
    while ((name = turns.readLine()) != null) {
      System.out.println(turn(name, args).toLine());
      System.out.flush();
    }
    System.exit(0); // does not wait for the remaining threads
  }

  private static Measurement turn(String contestant, String[] args) throws Exception {
    int rate = Integer.parseInt(args[6]);
    HandleContestant turn =
        new HandleContestant(
            Integer.parseInt(args[3]), Integer.parseInt(args[4]), Long.parseLong(args[5]), rate);
    if (rate > 0) {
      turn.publish(args[1], args[2], rate);
    }
    List<String> name = List.of(contestant.split(":", -1));
    return switch (name.get(0)) {
      case "raw" -> turn.raw(args[1], args[2]);
      case "sleep" -> turn.sleepers(Integer.parseInt(name.get(1)));
      case "pool" -> turn.pool(args[1], args[2], Integer.parseInt(name.get(1)));
      case "hermes" ->
          turn.hermes(
              args[1],
              args[2],
              ProcessingOrder.valueOf(name.get(1)),
              Integer.parseInt(name.get(2)),
              name.size() > 3 ? name.get(3) : "");
      default -> turn.peer(HandlePeers.start(name, consumer(args[1]), args[2], turn::handle));
    };
  }

  private Measurement peer(AutoCloseable running) throws Exception {
    try (running) {
      done.await();
      return figures();
    }
  }

  /** Publishes at a steady rate; the timestamp of each event is the time of its publication. */
  private void publish(String bootstrap, String name, int rate) {
    Topic<UserEvent> topic = topic(name);
    List<UserEvent> events = Workload.SMALL.events();
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "compression.type", "zstd");
    Thread thread =
        new Thread(
            () -> {
              try (KafkaProducer<byte[], byte[]> producer =
                  new KafkaProducer<>(
                      config, new ByteArraySerializer(), new ByteArraySerializer())) {
                long startNs = System.nanoTime();
                for (int i = 0; i < all; i++) {
                  long dueNs = startNs + i * 1_000_000_000L / rate;
                  while (System.nanoTime() < dueNs) {
                    LockSupport.parkNanos(dueNs - System.nanoTime());
                  }
                  UserEvent event =
                      events.get(i % events.size()).toBuilder()
                          .setTimestamp(System.nanoTime())
                          .build();
                  var unused = producer.send(record(topic, event));
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  static Topic<UserEvent> topic(String name) {
    return Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
  }

  static ProducerRecord<byte[], byte[]> record(Topic<UserEvent> topic, UserEvent event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic.name(), topic.key(event), event.toByteArray());
    topic.addHeaders(event, record.headers());
    return record;
  }

  private void handled(UserEvent event) {
    if (event.getUserId().isEmpty()) {
      throw new IllegalStateException("no user");
    }
    sleepAndCount(event.getTimestamp());
  }

  private void sleepAndCount(long publishedNs) {
    if (sleepNs > 0) {
      LockSupport.parkNanos(sleepNs);
    }
    long now = count.incrementAndGet();
    if (latenciesNs.length > 0) {
      latenciesNs[(int) now - 1] = System.nanoTime() - publishedNs;
    }
    if (now == warmUp) {
      begin();
    } else if (now == all) {
      done.countDown();
    }
  }

  private void begin() {
    startAllocated = Usage.allocatedBytes();
    startCpuNs = Usage.cpuNs();
    startNs = System.nanoTime();
  }

  private Measurement figures() {
    double seconds = (System.nanoTime() - startNs) / 1e9;
    int measured = all - warmUp;
    return new Measurement(
        measured / seconds,
        (Usage.cpuNs() - startCpuNs) / 1e3 / measured,
        (double) (Usage.allocatedBytes() - startAllocated) / measured,
        percentile(50) / 1e3,
        percentile(99) / 1e3,
        0);
  }

  /** A percentile of the latency from publish to handler, in nanoseconds; 0 if not measured. */
  private double percentile(int percent) {
    if (latenciesNs.length == 0) {
      return 0;
    }
    long[] sorted = Arrays.copyOfRange(latenciesNs, warmUp, all);
    Arrays.sort(sorted);
    return sorted[sorted.length * percent / 100];
  }

  private Measurement raw(String bootstrap, String topic) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer(bootstrap))) {
      consumer.subscribe(List.of(topic));
      long committedNs = System.nanoTime();
      while (done.getCount() > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          handle(record);
        }
        if (System.nanoTime() - committedNs > 1_000_000_000L) {
          committedNs = System.nanoTime();
          consumer.commitAsync();
        }
      }
      return figures();
    }
  }

  private static Map<String, Object> consumer(String bootstrap) {
    return Map.of(
        "bootstrap.servers",
        bootstrap,
        "group.id",
        "bench-" + UUID.randomUUID(),
        "enable.auto.commit",
        false,
        "isolation.level",
        "read_committed",
        "auto.offset.reset",
        "earliest",
        "key.deserializer",
        ByteArrayDeserializer.class,
        "value.deserializer",
        ByteArrayDeserializer.class);
  }

  private void handle(ConsumerRecord<byte[], byte[]> record) {
    try {
      handled(UserEvent.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private Measurement sleepers(int threads) throws Exception {
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                while (done.getCount() > 0) {
                  sleepAndCount(0);
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
    done.await();
    return figures();
  }

  private Measurement pool(String bootstrap, String topic, int threads) throws Exception {
    BlockingQueue<ConsumerRecord<byte[], byte[]>> received = new LinkedBlockingQueue<>(10_000);
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (done.getCount() > 0) {
                    handle(received.take());
                  }
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e); // never interrupted
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer(bootstrap))) {
      consumer.subscribe(List.of(topic));
      while (done.getCount() > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          received.put(record);
        }
      }
      return figures();
    }
  }

  private Measurement hermes(
      String bootstrap, String name, ProcessingOrder order, int concurrency, String observer)
      throws Exception {
    SubscriberBuilder<UserEvent> builder =
        HermesSubscriber.builder(topic(name))
            .settings(KafkaSettings.of(bootstrap))
            .group("hermes-" + UUID.randomUUID())
            .order(order)
            .concurrency(concurrency);
    if (!observer.isEmpty()) {
      builder.observer(ObserverChoice.subscriber(observer));
    }
    HermesSubscriber subscriber = builder.start(delivery -> handled(delivery.event()));
    done.await();
    Measurement figures = figures();
    subscriber.close(Duration.ofSeconds(5));
    return figures;
  }
}
