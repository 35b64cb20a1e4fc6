package io.hermes.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Updates the benchmark tables of a document. Each table is between the lines {@code <!-- bench
 * Report parts=NAME -->} and {@code <!-- end -->}, together with the machine, the date and the
 * command. All other text is kept.
 *
 * <p>Arguments, each as name=value: parts (publish,young,handle,handle-sleep), file
 * (docs/performance.md); all others are those of {@link PublishBenchmark} and {@link
 * HandleBenchmark}.
 */
final class Report {

  private static final int COLUMNS = 100;

  private static final Map<String, String> CLIENTS =
      Map.ofEntries(
          Map.entry("raw:" + PublishBenchmark.TUNED, "raw client, Hermes' settings"),
          Map.entry(
              "raw:" + PublishBenchmark.TUNED + ",client.id=twin",
              "the same client again: run-to-run noise"),
          Map.entry("bulk", "**Hermes**, `publishAll`"),
          Map.entry("hermes", "**Hermes**, one future per event"),
          Map.entry(
              "futures-io:" + PublishBenchmark.TUNED, "raw client, futures on Kafka's thread"),
          Map.entry("futures:" + PublishBenchmark.TUNED, "raw client, futures on their own thread"),
          Map.entry("spring:" + PublishBenchmark.TUNED, "`KafkaTemplate`, Hermes' settings"),
          Map.entry("raw:", "raw client, ZSTD, Kafka's other defaults"),
          Map.entry("spring:", "`KafkaTemplate`, ZSTD, Kafka's other defaults"),
          Map.entry("raw", "raw poll loop that parses each event"),
          Map.entry("raw:twin", "the same client again: run-to-run noise"),
          Map.entry("hermes:PARTITION:1", "**Hermes**, `PARTITION` order, one worker"),
          Map.entry("hermes:KEY:8", "**Hermes**, `KEY` order, eight workers"),
          Map.entry("reactor", "Reactor Kafka, one receiver"),
          Map.entry("spring:1", "Spring's listener container, one consumer"),
          Map.entry("sleep:64", "64 threads that only sleep"),
          Map.entry("pool:64", "poll loop and 64 threads: no order, no commits"),
          Map.entry("hermes:KEY:64", "**Hermes**, `KEY` order, 64 workers"),
          Map.entry("parallel:KEY:64", "parallel-consumer, `KEY` order, 64 threads"),
          Map.entry("parallel:UNORDERED:64", "parallel-consumer, `UNORDERED`, 64 threads"),
          Map.entry("spring:8", "Spring's listener container, eight consumers"));

  private Report() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = Contest.options(args);
    Path file = Path.of(options.getOrDefault("file", "docs/performance.md"));
    String parts = options.getOrDefault("parts", "publish,young,handle,handle-sleep");
    options.keySet().removeAll(List.of("parts", "file"));
    for (String part : parts.split(",", -1)) {
      String machine = machine();
      String table = measure(part, options, machine);
      Files.writeString(file, replace(Files.readString(file), part, table));
      System.out.println(table);
    }
  }

  private static String measure(String part, Map<String, String> given, String machine)
      throws Exception {
    Map<String, String> options = new LinkedHashMap<>(given);
    boolean publishes = part.equals("publish") || part.equals("young");
    switch (part) {
      case "young" -> options.put("warmup", "0");
      case "handle-sleep" -> options.put("sleep", "2000");
      case "publish", "handle" -> {}
      default -> throw new IllegalArgumentException("There is no part " + part);
    }
    List<String> command = new ArrayList<>();
    command.add("bench " + (publishes ? "PublishBenchmark" : "HandleBenchmark"));
    options.forEach((name, value) -> command.add(name + "=" + value));
    Contest contest =
        publishes ? PublishBenchmark.contest(options) : HandleBenchmark.contest(options);
    return wrapped(
            "`" + String.join(" ", command) + "` on " + machine + ", " + contest.rules() + ":")
        + "\n"
        + table(contest, publishes);
  }

  private static String table(Contest contest, boolean publishes) {
    String stored = publishes ? " bytes on the broker |" : "";
    StringBuilder table =
        new StringBuilder("| client | events/s | CPU |" + stored + "\n|---|---|---|");
    table.append(publishes ? "---|\n" : "\n");
    boolean first = true;
    for (String name : contest.contestants()) {
      String speed = contest.spread(name, Measurement::perSecond).replace("-", " to ");
      String cpu = String.format(Locale.ROOT, "%.2f", contest.ratio(name, Measurement::cpuMicros));
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s |%s%n",
              CLIENTS.getOrDefault(name, "`" + name + "`"),
              first ? "1" : speed,
              first ? "1" : cpu,
              publishes
                  ? String.format(
                      Locale.ROOT, " %.0f |", contest.median(name, Measurement::storedBytes))
                  : ""));
      first = false;
    }
    return table.toString();
  }

  /** The machine and the versions that were measured, and the date. */
  private static String machine() throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return String.format(
        Locale.ROOT,
        "%s: %s, %d cores, %d GiB, load average %.1f at the start, JDK %d, kafka-clients %s",
        LocalDate.now(ZoneOffset.UTC)
            .format(DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH)),
        find(Path.of("/proc/cpuinfo"), "model name\\s*: (.*)"),
        system.getAvailableProcessors(),
        system.getTotalMemorySize() >> 30,
        system.getSystemLoadAverage(),
        Runtime.version().feature(),
        find(System.getProperty("java.class.path"), "kafka-clients-([0-9.]+)\\.jar"));
  }

  private static String find(Path file, String pattern) throws Exception {
    return Files.exists(file) ? find(Files.readString(file), pattern) : "an unknown processor";
  }

  private static String find(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? matcher.group(1) : "of an unknown version";
  }

  private static String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    int length = 0;
    for (String word : text.split(" ", -1)) {
      if (length > 0 && length + 1 + word.length() > COLUMNS) {
        lines.append('\n');
        length = 0;
      } else if (length > 0) {
        lines.append(' ');
        length++;
      }
      lines.append(word);
      length += word.length();
    }
    return lines.append('\n').toString();
  }

  private static String replace(String document, String part, String table) {
    String begin = "<!-- bench Report parts=" + part + " -->\n";
    int from = document.indexOf(begin);
    int to = document.indexOf("<!-- end -->", from);
    if (from < 0 || to < 0) {
      throw new IllegalArgumentException("The document has no place for it: " + begin);
    }
    return document.substring(0, from + begin.length())
        + "\n"
        + table
        + "\n"
        + document.substring(to);
  }
}
