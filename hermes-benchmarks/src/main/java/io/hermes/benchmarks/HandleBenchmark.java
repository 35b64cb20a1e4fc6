package io.hermes.benchmarks;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.KafkaCluster;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Handling events with Hermes beside the raw poll loop, or beside threads that only sleep, from one
 * broker in a JVM of its own. Every contestant runs in a fresh JVM, all of them in each round, in
 * an order that turns. Ratios are medians over the rounds of what it had to the first one.
 *
 * <p>Arguments, each as name=value: rounds (5), events (600000), warmup (300000), sleep
 * (microseconds in the handler; 0), keys (10000), skew (of Zipf; 0 is even), contestants (with
 * commas between; by default those that the sleep asks for).
 */
final class HandleBenchmark {

  private HandleBenchmark() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    }
    int rounds = Integer.parseInt(options.getOrDefault("rounds", "5"));
    String sleep = options.getOrDefault("sleep", "0");
    boolean trivial = sleep.equals("0");
    String events = options.getOrDefault("events", trivial ? "600000" : "150000");
    String warmUp = options.getOrDefault("warmup", trivial ? "300000" : "30000");
    int keys = Integer.parseInt(options.getOrDefault("keys", "10000"));
    double skew = Double.parseDouble(options.getOrDefault("skew", "0"));
    List<String> contestants =
        List.of(
            options
                .getOrDefault(
                    "contestants",
                    trivial ? "raw,hermes:PARTITION:1,hermes:KEY:8" : "sleep:64,hermes:KEY:64")
                .split(",", -1));
    Map<String, List<Measurement>> results = new LinkedHashMap<>();
    contestants.forEach(contestant -> results.put(contestant, new ArrayList<>()));
    try (KafkaCluster kafka = KafkaCluster.start()) {
      String topic = kafka.uniqueTopic("bench", 8);
      int all = Integer.parseInt(events) + Integer.parseInt(warmUp);
      fill(kafka.bootstrapServers(), topic, all, keys, skew);
      for (int round = 0; round < rounds; round++) {
        List<String> order = new ArrayList<>(contestants);
        Collections.rotate(order, round);
        for (String contestant : order) {
          Measurement figures =
              run(List.of(contestant, kafka.bootstrapServers(), topic, warmUp, events, sleep));
          Objects.requireNonNull(results.get(contestant)).add(figures);
          System.err.printf(
              Locale.ROOT,
              "round %d/%d  %-22s %,9.0f/s  %.2f us CPU  %,.0f B%n",
              round + 1,
              rounds,
              contestant,
              figures.perSecond(),
              figures.cpuMicros(),
              figures.allocatedBytes());
        }
      }
    }
    print(results, contestants.get(0));
  }

  private static void fill(String bootstrap, String name, int count, int keys, double skew) {
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
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
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(name, topic.key(event), event.toByteArray());
        topic.addHeaders(event, record.headers());
        var unused = producer.send(record);
      }
    }
  }

  private static Measurement run(List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                HandleContestant.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = out.readLine()) != null) {
        if (Measurement.isLine(line)) {
          return Measurement.parse(line);
        }
      }
    } finally {
      process.waitFor();
    }
    throw new IllegalStateException(arguments.get(0) + " ended without a measurement");
  }

  private static void print(Map<String, List<Measurement>> results, String reference) {
    List<Measurement> base = Objects.requireNonNull(results.get(reference));
    System.out.printf(
        "%n%-22s %10s %20s %18s %10s%n", "contestant", "events/s", "to first", "CPU to first", "B");
    results.forEach(
        (name, figures) ->
            System.out.printf(
                Locale.ROOT,
                "%-22s %,10.0f %20s %18s %,10.0f%n",
                name,
                median(figures.stream().map(Measurement::perSecond).toList()),
                spread(ratios(figures, base, Measurement::perSecond)),
                spread(ratios(figures, base, Measurement::cpuMicros)),
                median(figures.stream().map(Measurement::allocatedBytes).toList())));
  }

  private static List<Double> ratios(
      List<Measurement> figures, List<Measurement> base, ToDoubleFunction<Measurement> figure) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < figures.size(); round++) {
      ratios.add(figure.applyAsDouble(figures.get(round)) / figure.applyAsDouble(base.get(round)));
    }
    return ratios;
  }

  private static String spread(List<Double> ratios) {
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f-%.2f)",
        median(ratios),
        Collections.min(ratios),
        Collections.max(ratios));
  }

  private static double median(List<Double> figures) {
    return figures.stream().sorted().toList().get(figures.size() / 2);
  }
}
