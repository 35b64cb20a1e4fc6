package io.hermes.benchmarks;

import io.hermes.testkit.KafkaCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares publishing with Hermes' defaults, the raw client, the raw client with futures, and
 * Spring's template. One broker runs in its own JVM. {@link Contest} explains the figures.
 *
 * <p>Arguments, each as name=value: rounds (7), turns (12 in each round; 1 with a rate, a search or
 * no warm-up), together (whether all contestants share a JVM; true with several turns), workload
 * (small or large), events (150000 per turn; 1500000 if there is one turn; 500000 without warm-up;
 * 20000 with a rate), warmup (1000000; 10000 with a rate; 0 measures a young JVM), rate (events per
 * second; 0, the default, is unlimited), search (true: many settings of the raw client instead of
 * the comparison), contestants (separated by semicolons, instead of the comparison), jvm (flags of
 * the contestants' JVMs, separated by spaces; -XX:+UseG1GC).
 *
 * <p>A JVM shared by all contestants has 2 GiB. Separate JVMs have 1 GiB each, and run at the same
 * time if there is more than one turn.
 */
final class PublishBenchmark {

  /** Hermes' own settings, to show what its wrapper costs. */
  static final String TUNED = "compression.zstd.level=1,batch.size=65536,linger.ms=5";

  private static final List<String> COMPARISON =
      List.of(
          "raw:" + TUNED,
          "raw:" + TUNED + ",client.id=twin",
          "bulk",
          "hermes",
          "futures-io:" + TUNED,
          "futures:" + TUNED,
          "spring:" + TUNED,
          "raw:",
          "spring:");

  private PublishBenchmark() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = Contest.options(args);
    print(contest(options), !options.containsKey("rate"));
  }

  static Contest contest(Map<String, String> options) throws Exception {
    String workload = options.getOrDefault("workload", "small");
    String rate = options.getOrDefault("rate", "0");
    boolean saturated = rate.equals("0");
    boolean search = Boolean.parseBoolean(options.get("search"));
    String warmUp = options.getOrDefault("warmup", saturated ? "1000000" : "10000");
    boolean young = warmUp.equals("0");
    int turns = saturated && !search && !young ? 12 : 1;
    Contest.Rules rules = Contest.Rules.of(options, 7, turns, turns > 1);
    String events = young ? "500000" : rules.turns() > 1 ? "150000" : "1500000";
    String count = options.getOrDefault("events", saturated ? events : "20000");
    List<String> comparison =
        options.containsKey("contestants")
            ? List.of(options.get("contestants").split(";", -1))
            : COMPARISON.stream().filter(name -> saturated || !name.equals("bulk")).toList();
    try (KafkaCluster kafka = KafkaCluster.start()) {
      return new Contest(
          search ? search() : comparison,
          rules,
          PublishContestant.class,
          () ->
              List.of(
                  kafka.bootstrapServers(),
                  kafka.uniqueTopic("bench", 6),
                  workload,
                  warmUp,
                  count,
                  rate));
    }
  }

  /** ZSTD settings that are candidates for the fastest. */
  private static List<String> search() {
    List<String> contestants = new ArrayList<>(List.of("raw:" + TUNED));
    for (int level : new int[] {-1, 1, 3}) {
      for (int batch : new int[] {32, 64, 128, 256}) {
        for (int linger : new int[] {5, 20}) {
          String name =
              "raw:compression.zstd.level="
                  + level
                  + ",batch.size="
                  + batch * 1024
                  + ",linger.ms="
                  + linger;
          if (!contestants.contains(name)) {
            contestants.add(name);
          }
        }
      }
    }
    contestants.add("raw:");
    return contestants;
  }

  private static void print(Contest contest, boolean saturated) {
    System.out.printf(
        "%n%-68s %10s %20s %18s %9s %9s%n",
        "contestant",
        "events/s",
        saturated ? "to first (spread)" : "p50, p99 to first",
        "CPU to first",
        "B alloc",
        saturated ? "B stored" : "p99 ms");
    for (String name : contest.contestants()) {
      String speed =
          saturated
              ? contest.spread(name, Measurement::perSecond)
              : String.format(
                  Locale.ROOT,
                  "%.2f, %.2f",
                  contest.ratio(name, Measurement::p50Micros),
                  contest.ratio(name, Measurement::p99Micros));
      System.out.printf(
          Locale.ROOT,
          "%-68s %,10.0f %20s %18s %,9.0f %9.1f%n",
          name,
          contest.median(name, Measurement::perSecond),
          speed,
          contest.spread(name, Measurement::cpuMicros),
          contest.median(name, Measurement::allocatedBytes),
          saturated
              ? contest.median(name, Measurement::storedBytes)
              : contest.median(name, Measurement::p99Micros) / 1e3);
    }
  }
}
