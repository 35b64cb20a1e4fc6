package io.hermes.benchmarks;

import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.KafkaCluster;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Compares handlers that emit one event for each event: in a subscriber that publishes
 * (at-least-once), in a pipe, and in Spring's listener container with transactions (EOS v2). One
 * broker runs in its own JVM. {@link Contest} explains the figures.
 *
 * <p>Arguments, each as name=value: rounds (5), events (400000), warmup (200000), rate (the events
 * per second that each contestant publishes to its input, to measure the latency to a reader of the
 * output; 0, the default, handles existing events at full speed), contestants (separated by
 * commas), jvm (flags of the contestants' JVMs, separated by spaces).
 */
final class PipeBenchmark {

  private static final String CONTESTANTS =
      "alo:8,alo:8:twin,pipe:8:100,pipe:8:1000,spring:1:10000";

  private PipeBenchmark() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = Contest.options(args);
    String rate = options.getOrDefault("rate", "0");
    boolean steady = !rate.equals("0");
    String events = options.getOrDefault("events", steady ? "20000" : "400000");
    String warmUp = options.getOrDefault("warmup", steady ? "10000" : "200000");
    try (KafkaCluster kafka = KafkaCluster.start()) {
      String filled = kafka.uniqueTopic("bench", 8);
      if (!steady) {
        fill(kafka.bootstrapServers(), filled, Integer.parseInt(events) + Integer.parseInt(warmUp));
      }
      Contest contest =
          new Contest(
              List.of(options.getOrDefault("contestants", CONTESTANTS).split(",", -1)),
              Contest.Rules.of(options, 5, 1, false),
              PipeContestant.class,
              () ->
                  List.of(
                      kafka.bootstrapServers(),
                      steady ? kafka.uniqueTopic("bench", 8) : filled,
                      kafka.uniqueTopic("out", 8),
                      warmUp,
                      events,
                      rate));
      print(contest, steady);
    }
  }

  private static void fill(String bootstrap, String name, int count) {
    List<UserEvent> events = Workload.SMALL.events();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 20, "compression.type", "zstd"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        UserEvent event =
            events.get(i % events.size()).toBuilder().setUserId("user-" + i % 10_000).build();
        var unused = producer.send(HandleContestant.record(HandleContestant.topic(name), event));
      }
    }
  }

  private static void print(Contest contest, boolean steady) {
    System.out.printf(
        "%n%-18s %10s %20s %18s%n",
        "contestant",
        steady ? "p50 ms" : "events/s",
        steady ? "p99 ms" : "to first",
        steady ? "" : "CPU to first");
    for (String name : contest.contestants()) {
      if (steady) {
        System.out.printf(
            Locale.ROOT,
            "%-18s %10.1f %20.1f%n",
            name,
            contest.median(name, Measurement::p50Micros) / 1e3,
            contest.median(name, Measurement::p99Micros) / 1e3);
      } else {
        System.out.printf(
            Locale.ROOT,
            "%-18s %,10.0f %20s %18s%n",
            name,
            contest.median(name, Measurement::perSecond),
            contest.spread(name, Measurement::perSecond),
            contest.spread(name, Measurement::cpuMicros));
      }
    }
  }
}
