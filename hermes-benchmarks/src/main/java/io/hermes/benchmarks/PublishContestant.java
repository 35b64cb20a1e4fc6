package io.hermes.benchmarks;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.BulkResult;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;

/**
 * The JVM of one round. All of its contestants first publish warm-up events. Then each line of its
 * input names a contestant, which publishes the measured events, and the JVM prints its {@link
 * Measurement}.
 *
 * <p>Contestants: {@code hermes} (a continuation on each future), {@code hermes:50000} (with a
 * limit of records in flight), {@code bulk} (one {@code publishAll} per turn), {@code hermes-later}
 * (collects futures, and checks them once they are complete), {@code hermes-observed}, {@code
 * bulk-observed}, {@code hermes-metered}, {@code hermes-traced} and {@code hermes-unsampled} (with
 * an {@link ObserverChoice}), {@code raw:} (the raw client), {@code futures-io:} (the raw client
 * with a future for each event, completed on Kafka's own thread: the least that futures cost),
 * {@code futures:} ({@link RawFutures}) and {@code spring:}. The last three have a continuation on
 * each future, and the last four take settings of Kafka's producer after the colon.
 *
 * <p>Arguments: contestants separated by semicolons, bootstrap servers, topic, workload, warm-up
 * events, events per turn, events per second (0: unlimited).
 */
final class PublishContestant {

  /** Warm-ups alternate, so that the JIT never optimizes for one contestant alone. */
  private static final int WARM_UP_PARTS = 4;

  /** Publishes one event; the callback runs when it has ended. */
  private interface Sender extends AutoCloseable {
    void send(UserEvent event, Runnable acknowledged);

    /** Called after the last event. */
    default void finish() {}

    /**
     * Publishes all events as a bulk and waits for them; returns false if it is not a bulk
     * contestant.
     */
    default boolean sendAll(Iterator<UserEvent> events) {
      return false;
    }

    @Override
    void close();
  }

  private static final byte[] TYPE =
      UserEvent.getDescriptor().getFullName().getBytes(StandardCharsets.UTF_8);

  private final List<UserEvent> events;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private PublishContestant(Workload workload) {
    this.events = workload.events();
  }

  public static void main(String[] args) throws Exception {
    String bootstrap = args[1];
    String topic = args[2];
    int warmUp = Integer.parseInt(args[4]);
    int measured = Integer.parseInt(args[5]);
    int rate = Integer.parseInt(args[6]);
    PublishContestant contestant = new PublishContestant(Workload.of(args[3]));
    Map<String, Sender> senders = new LinkedHashMap<>();
    for (String name : args[0].split(";", -1)) {
      senders.put(name, contestant.sender(name, bootstrap, topic));
    }
    for (int part = 0; part < WARM_UP_PARTS && warmUp > 0; part++) {
      for (Sender sender : senders.values()) {
        contestant.run(sender, warmUp / WARM_UP_PARTS, rate);
      }
    }
    var turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String name;
    while ((name = turns.readLine()) != null) {
      Sender sender = Objects.requireNonNull(senders.get(name), name);
      long before = storedBytes(bootstrap, topic);
      Measurement figures = contestant.measure(sender, measured, rate);
      double stored = (double) (storedBytes(bootstrap, topic) - before) / measured;
      System.out.println(figures.stored(stored).toLine());
    }
    senders.values().forEach(Sender::close);
  }

  private Measurement measure(Sender sender, int count, int rate) throws InterruptedException {
    long cpuNs = Usage.cpuNs();
    long allocated = Usage.allocatedBytes();
    long startNs = System.nanoTime();
    long[] latenciesNs = run(sender, count, rate);
    double seconds = (System.nanoTime() - startNs) / 1e9;
    Arrays.sort(latenciesNs);
    return new Measurement(
        count / seconds,
        (Usage.cpuNs() - cpuNs) / 1e3 / count,
        (double) (Usage.allocatedBytes() - allocated) / count,
        latenciesNs[count / 2] / 1e3,
        latenciesNs[count - 1 - count / 100] / 1e3,
        0);
  }

  /** Publishes and waits for every acknowledgement; returns each event's latency. */
  private long[] run(Sender sender, int count, int rate) throws InterruptedException {
    long[] latenciesNs = new long[count];
    if (rate == 0 && sender.sendAll(Workload.repeated(events, count))) {
      return latenciesNs;
    }
    AtomicInteger open = new AtomicInteger(count);
    Semaphore done = new Semaphore(0);
    long startNs = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int index = i;
      if (rate > 0) {
        long dueNs = startNs + i * 1_000_000_000L / rate;
        while (System.nanoTime() < dueNs) {
          LockSupport.parkNanos(dueNs - System.nanoTime());
        }
      }
      long sentNs = rate > 0 ? System.nanoTime() : startNs;
      sender.send(
          events.get(i % events.size()),
          () -> {
            latenciesNs[index] = rate > 0 ? System.nanoTime() - sentNs : 0;
            if (open.decrementAndGet() == 0) {
              done.release();
            }
          });
    }
    sender.finish();
    done.acquire();
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    return latenciesNs;
  }

  private Sender sender(String contestant, String bootstrap, String topic) {
    String[] words = contestant.split(":", 2);
    String settings = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "raw" -> raw(settings, bootstrap, topic);
      case "futures-io" -> futuresOfKafkasThread(settings, bootstrap, topic);
      case "futures" -> futures(settings, bootstrap, topic);
      case "spring" -> spring(settings, bootstrap, topic);
      case "bulk" -> new InBulk(builder(settings, bootstrap, topic).open());
      case "bulk-observed" -> new InBulk(observed("observed", bootstrap, topic));
      case "hermes-observed", "hermes-metered", "hermes-traced", "hermes-unsampled" ->
          hermes(observed(words[0].substring("hermes-".length()), bootstrap, topic));
      case "hermes-later" -> new Later(builder(settings, bootstrap, topic).open());
      default -> hermes(builder(settings, bootstrap, topic).open());
    };
  }

  private static HermesPublisher<UserEvent> observed(
      String observer, String bootstrap, String topic) {
    return builder("", bootstrap, topic).observer(ObserverChoice.publisher(observer)).open();
  }

  private static HermesPublisher.Builder<UserEvent> builder(
      String maxRecords, String bootstrap, String name) {
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
    HermesPublisher.Builder<UserEvent> builder =
        HermesPublisher.builder(topic).settings(KafkaSettings.of(bootstrap));
    if (!maxRecords.isEmpty()) {
      builder.maxInFlight(Integer.parseInt(maxRecords), 1L << 30);
    }
    return builder;
  }

  private Sender hermes(HermesPublisher<UserEvent> publisher) {
    return chained(publisher::publish, publisher::close);
  }

  /** Adds a continuation to each future. */
  private Sender chained(Function<UserEvent, CompletableFuture<?>> publish, Runnable close) {
    return new Sender() {
      @Override
      public void send(UserEvent event, Runnable acknowledged) {
        var unused =
            publish.apply(event).whenComplete((result, failed) -> ended(failed, acknowledged));
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }

  private void ended(@Nullable Throwable failed, Runnable acknowledged) {
    if (failed != null) {
      failure.set(failed);
    }
    acknowledged.run();
  }

  /** Publishes all events as one bulk. */
  private static final class InBulk implements Sender {

    private final HermesPublisher<UserEvent> publisher;

    InBulk(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    @Override
    public boolean sendAll(Iterator<UserEvent> events) {
      BulkResult result = publisher.publishAll(events).join();
      if (!result.isComplete()) {
        throw new IllegalStateException(result.toString());
      }
      return true;
    }

    @Override
    public void send(UserEvent event, Runnable acknowledged) {
      throw new UnsupportedOperationException("A bulk has no rate.");
    }

    @Override
    public void close() {
      publisher.close();
    }
  }

  /** Checks futures later, in order; a failed event ends the run. */
  private static final class Later implements Sender {

    private final HermesPublisher<UserEvent> publisher;
    private final Queue<CompletableFuture<Receipt>> receipts = new ArrayDeque<>();
    private final Queue<Runnable> callbacks = new ArrayDeque<>();

    Later(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    @Override
    public void send(UserEvent event, Runnable acknowledged) {
      receipts.add(publisher.publish(event));
      callbacks.add(acknowledged);
      while (!receipts.isEmpty() && receipts.element().isDone()) {
        takeOldest();
      }
    }

    @Override
    public void finish() {
      while (!receipts.isEmpty()) {
        takeOldest();
      }
    }

    private void takeOldest() {
      receipts.remove().join();
      callbacks.remove().run();
    }

    @Override
    public void close() {
      publisher.close();
    }
  }

  private Sender raw(String settings, String bootstrap, String topic) {
    KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producer(settings, bootstrap));
    return new Sender() {
      @Override
      public void send(UserEvent event, Runnable acknowledged) {
        var unused =
            producer.send(record(topic, event), (metadata, failed) -> ended(failed, acknowledged));
      }

      @Override
      public void close() {
        producer.close(Duration.ofSeconds(30));
      }
    };
  }

  private Sender futuresOfKafkasThread(String settings, String bootstrap, String topic) {
    KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producer(settings, bootstrap));
    return chained(
        event -> {
          Sent sent = new Sent();
          var unused = producer.send(record(topic, event), sent);
          return sent;
        },
        producer::close);
  }

  /** Future and callback in one object. */
  private static final class Sent extends CompletableFuture<RecordMetadata> implements Callback {
    @Override
    public void onCompletion(RecordMetadata metadata, @Nullable Exception failed) {
      if (failed != null) {
        completeExceptionally(failed);
      } else {
        complete(metadata);
      }
    }
  }

  private Sender futures(String settings, String bootstrap, String topic) {
    RawFutures producer = new RawFutures(producer(settings, bootstrap));
    return chained(event -> producer.send(record(topic, event)), producer::close);
  }

  private Sender spring(String settings, String bootstrap, String topic) {
    var producers = new DefaultKafkaProducerFactory<byte[], byte[]>(producer(settings, bootstrap));
    KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
    return chained(event -> template.send(record(topic, event)), producers::destroy);
  }

  /** Kafka's defaults with ZSTD, and settings such as {@code linger.ms=5,batch.size=65536}. */
  private static Map<String, Object> producer(String settings, String bootstrap) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("acks", "all");
    config.put("enable.idempotence", true);
    config.put("compression.type", "zstd");
    config.put("key.serializer", ByteArraySerializer.class);
    config.put("value.serializer", ByteArraySerializer.class);
    for (String setting : settings.isEmpty() ? new String[0] : settings.split(",", -1)) {
      config.put(
          setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
    }
    return config;
  }

  /** The record that Hermes would write. */
  private static ProducerRecord<byte[], byte[]> record(String topic, UserEvent event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, event.getUserId().getBytes(StandardCharsets.UTF_8), event.toByteArray());
    Headers headers = record.headers();
    headers.add("event-type", event.getEventType().name().getBytes(StandardCharsets.UTF_8));
    headers.add("message-type", TYPE);
    return record;
  }

  private static long storedBytes(String bootstrap, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      long bytes = 0;
      List<Integer> brokers =
          admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
      for (var directories : admin.describeLogDirs(brokers).allDescriptions().get().values()) {
        for (LogDirDescription directory : directories.values()) {
          bytes +=
              directory.replicaInfos().entrySet().stream()
                  .filter(replica -> replica.getKey().topic().equals(topic))
                  .mapToLong(replica -> replica.getValue().size())
                  .sum();
        }
      }
      return bytes;
    }
  }
}
