package io.hermes.benchmarks;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.KafkaCluster;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Compares handling events with Hermes, the raw poll loop (or threads that only sleep), Spring's
 * listener container, Reactor Kafka and parallel-consumer. One broker runs in its own JVM. {@link
 * Contest} explains the figures.
 *
 * <p>Arguments, each as name=value: rounds (5), turns (3; 1 with a rate), together (whether all
 * contestants share a JVM; true), events (600000 per turn; 90000 with a sleep; 20000 with a rate),
 * warmup (at the start of each turn: 200000; 30000 with a sleep; 10000 with a rate), sleep
 * (microseconds in the handler; 0), keys (10000), skew (of the Zipf distribution of keys; 0 is
 * even), rate (the events per second that each contestant publishes while it handles them, to
 * measure the latency from publish to handler; 0, the default, handles existing events at full
 * speed), contestants (separated by commas; the default depends on the sleep), jvm (flags of the
 * contestants' JVMs, separated by spaces; -XX:+UseG1GC).
 */
final class HandleBenchmark {

  private static final String TRIVIAL =
      "raw,raw:twin,hermes:PARTITION:1,hermes:KEY:8,reactor,spring:1";
  private static final String SLEEPING =
      "sleep:64,pool:64,hermes:KEY:64,parallel:KEY:64,parallel:UNORDERED:64,spring:8";

  private HandleBenchmark() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = Contest.options(args);
    print(contest(options), options.containsKey("rate"));
  }

  static Contest contest(Map<String, String> options) throws Exception {
    String sleep = options.getOrDefault("sleep", "0");
    boolean trivial = sleep.equals("0");
    String rate = options.getOrDefault("rate", "0");
    boolean steady = !rate.equals("0");
    String events = options.getOrDefault("events", steady ? "20000" : trivial ? "600000" : "90000");
    String warmUp = options.getOrDefault("warmup", steady ? "10000" : trivial ? "200000" : "30000");
    int keys = Integer.parseInt(options.getOrDefault("keys", "10000"));
    double skew = Double.parseDouble(options.getOrDefault("skew", "0"));
    List<String> contestants =
        List.of(options.getOrDefault("contestants", trivial ? TRIVIAL : SLEEPING).split(",", -1));
    try (KafkaCluster kafka = KafkaCluster.start()) {
      String filled = kafka.uniqueTopic("bench", 8);
      if (!steady) {
        int all = Integer.parseInt(events) + Integer.parseInt(warmUp);
        fill(kafka.bootstrapServers(), filled, all, keys, skew);
      }
      return new Contest(
          contestants,
          Contest.Rules.of(options, 5, steady ? 1 : 3, !steady),
          HandleContestant.class,
          () ->
              List.of(
                  kafka.bootstrapServers(),
                  steady ? kafka.uniqueTopic("bench", 8) : filled,
                  warmUp,
                  events,
                  sleep,
                  rate));
    }
  }

  private static void fill(String bootstrap, String name, int count, int keys, double skew) {
    Topic<UserEvent> topic = HandleContestant.topic(name);
    List<UserEvent> events = Workload.SMALL.events();
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrap, "linger.ms", 20, "compression.type", "zstd");
    Random random = new Random(42);
    double[] share = new double[keys];
    double sum = 0;
    for (int key = 0; key < keys; key++) {
      sum += Math.pow(key + 1, -skew);
      share[key] = sum;
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        int at = java.util.Arrays.binarySearch(share, random.nextDouble() * sum);
        int key = Math.min(keys - 1, at < 0 ? -at - 1 : at);
        UserEvent event =
            events.get(i % events.size()).toBuilder().setUserId("user-" + key).build();
        var unused = producer.send(HandleContestant.record(topic, event));
      }
    }
  }

  private static void print(Contest contest, boolean steady) {
    System.out.printf(
        "%n%-22s %10s %20s %18s %10s%n",
        "contestant",
        steady ? "p99 ms" : "events/s",
        steady ? "p50, p99 to first" : "to first",
        "CPU to first",
        "B");
    for (String name : contest.contestants()) {
      String speed =
          steady
              ? String.format(
                  Locale.ROOT,
                  "%.2f, %.2f",
                  contest.ratio(name, Measurement::p50Micros),
                  contest.ratio(name, Measurement::p99Micros))
              : contest.spread(name, Measurement::perSecond);
      System.out.printf(
          Locale.ROOT,
          steady ? "%-22s %10.1f %20s %18s %,10.0f%n" : "%-22s %,10.0f %20s %18s %,10.0f%n",
          name,
          steady
              ? contest.median(name, Measurement::p99Micros) / 1e3
              : contest.median(name, Measurement::perSecond),
          speed,
          contest.spread(name, Measurement::cpuMicros),
          contest.median(name, Measurement::allocatedBytes));
    }
  }
}
