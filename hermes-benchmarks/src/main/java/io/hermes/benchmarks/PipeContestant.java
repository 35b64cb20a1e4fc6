package io.hermes.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.OperatingSystemMXBean;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.transaction.KafkaTransactionManager;

/**
 * The JVM of one contestant in one round. It emits an event for each event of a topic, while a
 * read-committed consumer of the output in the same JVM counts the visible events. The first ones
 * are warm-up. It prints its {@link Measurement}.
 *
 * <p>Arguments: contestant, bootstrap servers, input, output, warm-up events, measured events, and
 * events per second that this JVM publishes (0: the events already on the topic).
 *
 * <p>Contestants: {@code alo:8} (a subscriber with an asynchronous handler that publishes, and the
 * concurrency in thousands), {@code pipe:8:100} (concurrency, and milliseconds of a slice), {@code
 * spring:1:10000} (consumers, and records per poll, which are Spring's transaction).
 */
final class PipeContestant {

  private final String bootstrap;
  private final Topic<UserEvent> input;
  private final Topic<UserEvent> output;
  private final int warmUp;
  private final int all;

  private PipeContestant(String[] args) {
    bootstrap = args[1];
    input = HandleContestant.topic(args[2]);
    output = HandleContestant.topic(args[3]);
    warmUp = Integer.parseInt(args[4]);
    all = warmUp + Integer.parseInt(args[5]);
  }

  public static void main(String[] args) throws Exception {
    PipeContestant contestant = new PipeContestant(args);
    List<String> name = List.of(args[0].split(":", -1));
    int first = Integer.parseInt(name.get(1));
    switch (name.get(0)) {
      case "alo" -> contestant.atLeastOnce(first);
      case "pipe" -> contestant.pipe(first, Integer.parseInt(name.get(2)));
      default -> contestant.spring(first, Integer.parseInt(name.get(2)));
    }
    int rate = Integer.parseInt(args[6]);
    if (rate > 0) {
      Thread thread = new Thread(() -> contestant.publish(rate), "publisher");
      thread.setDaemon(true);
      thread.start();
    }
    System.out.println(contestant.await().toLine());
    System.out.flush();
    System.exit(0); // does not wait for the remaining threads
  }

  private void atLeastOnce(int concurrency) {
    KafkaSettings settings = KafkaSettings.of(bootstrap);
    HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(output).settings(settings).open();
    HermesSubscriber.builder(input)
        .settings(settings)
        .group("alo-" + UUID.randomUUID())
        .concurrency(concurrency * 1_000) // each handler waits for its receipt
        .onAsync(input, delivery -> publisher.publish(answer(delivery.event())))
        .start();
  }

  private void pipe(int concurrency, int sliceMs) {
    HermesPipe.from(input)
        .to(output)
        .settings(KafkaSettings.of(bootstrap))
        .group("pipe-" + UUID.randomUUID())
        .concurrency(concurrency)
        .maxSlice(Duration.ofMillis(sliceMs))
        .maxEvents(1_000_000)
        .start((delivery, out) -> out.emit(answer(delivery.event())));
  }

  private static UserEvent answer(UserEvent event) {
    return event.toBuilder().setEventId("answer").build();
  }

  private void spring(int consumers, int records) {
    Map<String, Object> producer = new HashMap<>();
    producer.put("bootstrap.servers", bootstrap);
    producer.put("compression.type", "zstd");
    producer.put("compression.zstd.level", 1);
    producer.put("batch.size", 64 * 1024);
    producer.put("linger.ms", 5);
    DefaultKafkaProducerFactory<byte[], byte[]> producers =
        new DefaultKafkaProducerFactory<>(
            producer, new ByteArraySerializer(), new ByteArraySerializer());
    producers.setTransactionIdPrefix("spring-" + UUID.randomUUID());
    KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
    ContainerProperties properties = new ContainerProperties(input.name());
    properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
    BatchMessageListener<byte[], byte[]> listener =
        batch -> batch.forEach(record -> answer(template, record));
    properties.setMessageListener(listener);
    Map<String, Object> consumer = consumer();
    consumer.put("group.id", "spring-" + UUID.randomUUID());
    consumer.put("max.poll.records", records);
    var container =
        new ConcurrentMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(consumer), properties);
    container.setConcurrency(consumers);
    container.start();
  }

  private void answer(
      KafkaTemplate<byte[], byte[]> template, ConsumerRecord<byte[], byte[]> record) {
    try {
      UserEvent event = answer(UserEvent.parseFrom(record.value()));
      var unused = template.send(HandleContestant.record(output, event));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Object> consumer() {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("enable.auto.commit", false);
    config.put("isolation.level", "read_committed");
    config.put("auto.offset.reset", "earliest");
    config.put("key.deserializer", ByteArrayDeserializer.class);
    config.put("value.deserializer", ByteArrayDeserializer.class);
    return config;
  }

  /** Publishes at a steady rate; the timestamp of each event is the time of its publication. */
  private void publish(int rate) {
    List<UserEvent> events = Workload.SMALL.events();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "compression.type", "zstd"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      long startNs = System.nanoTime();
      for (int i = 0; i < all; i++) {
        long dueNs = startNs + i * 1_000_000_000L / rate;
        while (System.nanoTime() < dueNs) {
          LockSupport.parkNanos(dueNs - System.nanoTime());
        }
        UserEvent event =
            events.get(i % events.size()).toBuilder().setTimestamp(System.nanoTime()).build();
        var unused = producer.send(HandleContestant.record(input, event));
      }
    }
  }

  /** Reads the visible output until it is complete. */
  private Measurement await() throws InvalidProtocolBufferException {
    long[] latenciesNs = new long[all];
    long startNs = 0;
    long startCpuNs = 0;
    int seen = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(output.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (seen < all) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          latenciesNs[Math.min(seen, all - 1)] =
              System.nanoTime() - UserEvent.parseFrom(record.value()).getTimestamp();
          seen++;
          if (seen == warmUp) {
            startNs = System.nanoTime();
            startCpuNs = cpuNs();
          }
        }
      }
    }
    int measured = all - warmUp;
    long[] sorted = Arrays.copyOfRange(latenciesNs, warmUp, all);
    Arrays.sort(sorted);
    return new Measurement(
        measured / ((System.nanoTime() - startNs) / 1e9),
        (cpuNs() - startCpuNs) / 1e3 / measured,
        0,
        sorted[sorted.length / 2] / 1e3,
        sorted[(int) (sorted.length * 99L / 100)] / 1e3,
        0);
  }

  private static long cpuNs() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
