package io.hermes.benchmarks;

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
import java.util.function.ToDoubleFunction;

/**
 * Publishing with Hermes' defaults beside the raw client, against one broker in a JVM of its own.
 * Every contestant runs in a fresh JVM, all of them in each round, in an order that turns. The
 * ratios are medians over the rounds of what the contestant had to the reference in the same round.
 *
 * <p>Arguments, each as name=value: rounds (7), workload (small or large), events (300000), warmup
 * (200000), rate (events a second; 0, the default, is as many as it can), search (true: many
 * settings of the raw client instead of the comparison).
 */
final class PublishBenchmark {

  /** The raw client with Hermes' own settings: what the wrapper costs. */
  private static final String TUNED = "raw:compression.zstd.level=1,batch.size=65536,linger.ms=5";

  private static final List<String> COMPARISON =
      List.of(TUNED, "hermes", TUNED + ",client.id=twin", "raw:");

  private PublishBenchmark() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    }
    int rounds = Integer.parseInt(options.getOrDefault("rounds", "7"));
    String workload = options.getOrDefault("workload", "small");
    String rate = options.getOrDefault("rate", "0");
    boolean saturated = rate.equals("0");
    String events = options.getOrDefault("events", saturated ? "300000" : "20000");
    String warmUp = options.getOrDefault("warmup", saturated ? "200000" : "10000");
    List<String> contestants =
        options.getOrDefault("search", "false").equals("true") ? search() : COMPARISON;

    Map<String, List<Measurement>> results = new LinkedHashMap<>();
    contestants.forEach(contestant -> results.put(contestant, new ArrayList<>()));
    try (KafkaCluster kafka = KafkaCluster.start()) {
      for (int round = 0; round < rounds; round++) {
        List<String> order = new ArrayList<>(contestants);
        Collections.rotate(order, round);
        for (String contestant : order) {
          String topic = kafka.uniqueTopic("bench", 6);
          Measurement figures =
              run(contestant, kafka.bootstrapServers(), topic, workload, warmUp, events, rate);
          Objects.requireNonNull(results.get(contestant)).add(figures);
          System.err.printf(
              Locale.ROOT,
              "round %d/%d  %-62s %,9.0f/s%n",
              round + 1,
              rounds,
              contestant,
              figures.perSecond());
        }
      }
    }
    print(results, contestants.get(0), saturated);
  }

  /** Settings with zstd that could be the fastest. */
  private static List<String> search() {
    List<String> contestants = new ArrayList<>(List.of(TUNED));
    for (int level : new int[] {-5, -1, 1, 3}) {
      for (int batch : new int[] {16, 32, 64, 128, 256}) {
        for (int linger : new int[] {5, 20}) {
          String name =
              "raw:compression.zstd.level="
                  + level
                  + ",batch.size="
                  + batch * 1024
                  + ",linger.ms="
                  + linger;
          if (!name.equals(TUNED)) {
            contestants.add(name);
          }
        }
      }
    }
    contestants.add("raw:");
    return contestants;
  }

  private static Measurement run(
      String contestant,
      String bootstrap,
      String topic,
      String workload,
      String warmUp,
      String events,
      String rate)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                PublishContestant.class.getName(),
                contestant,
                bootstrap,
                topic,
                workload,
                warmUp,
                events,
                rate)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
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
    throw new IllegalStateException(contestant + " ended without a measurement");
  }

  private static void print(
      Map<String, List<Measurement>> results, String reference, boolean saturated) {
    List<Measurement> base = Objects.requireNonNull(results.get(reference));
    System.out.printf(
        Locale.ROOT,
        "%n%-62s %10s %20s %16s %10s %9s %9s%n",
        "contestant",
        "events/s",
        saturated ? "to first (spread)" : "p50, p99 to first",
        "CPU to first",
        "B alloc",
        "B stored",
        "p99 ms");
    results.forEach(
        (name, figures) -> {
          String speed =
              saturated
                  ? spread(ratios(figures, base, Measurement::perSecond))
                  : String.format(
                      Locale.ROOT,
                      "%.2f, %.2f",
                      median(ratios(figures, base, Measurement::p50Micros)),
                      median(ratios(figures, base, Measurement::p99Micros)));
          System.out.printf(
              Locale.ROOT,
              "%-62s %,10.0f %20s %16s %,10.0f %9.0f %9.1f%n",
              name,
              median(figures, Measurement::perSecond),
              speed,
              spread(ratios(figures, base, Measurement::cpuMicros)),
              median(figures, Measurement::allocatedBytes),
              median(figures, Measurement::storedBytes),
              median(figures, Measurement::p99Micros) / 1e3);
        });
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

  private static double median(List<Measurement> figures, ToDoubleFunction<Measurement> figure) {
    return median(figures.stream().map(figure::applyAsDouble).toList());
  }

  private static double median(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
