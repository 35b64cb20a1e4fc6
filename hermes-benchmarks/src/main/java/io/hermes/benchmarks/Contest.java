package io.hermes.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Contestants that take turns, each in a fresh JVM and all of them in each round, and what they
 * needed. Ratios are to the first one in the same round: their median and their spread.
 */
final class Contest {

  private final Map<String, List<Measurement>> results = new LinkedHashMap<>();
  private final String first;

  /**
   * Runs all rounds, and reports each figure as it comes.
   *
   * @param main the main class of a contestant's JVM, which prints its {@link Measurement}
   * @param arguments its arguments, from the contestant's name
   */
  Contest(
      List<String> contestants, int rounds, Class<?> main, Function<String, List<String>> arguments)
      throws IOException, InterruptedException {
    first = contestants.get(0);
    contestants.forEach(contestant -> results.put(contestant, new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      List<String> order = new ArrayList<>(contestants);
      Collections.rotate(order, round);
      for (String contestant : order) {
        Measurement figures = run(main, arguments.apply(contestant));
        of(contestant).add(figures);
        System.err.printf(
            Locale.ROOT,
            "round %d/%d  %-64s %,9.0f/s  %5.2f us CPU%n",
            round + 1,
            rounds,
            contestant,
            figures.perSecond(),
            figures.cpuMicros());
      }
    }
  }

  private static Measurement run(Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
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
                main.getName()));
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

  Set<String> contestants() {
    return results.keySet();
  }

  private List<Measurement> of(String contestant) {
    return Objects.requireNonNull(results.get(contestant));
  }

  /** The median of a figure over the rounds. */
  double median(String contestant, ToDoubleFunction<Measurement> figure) {
    return median(of(contestant).stream().map(figure::applyAsDouble).toList());
  }

  /** The median ratio to the first contestant. */
  double ratio(String contestant, ToDoubleFunction<Measurement> figure) {
    return median(ratios(contestant, figure));
  }

  /** The median ratio to the first contestant, and the lowest and the highest. */
  String spread(String contestant, ToDoubleFunction<Measurement> figure) {
    List<Double> ratios = ratios(contestant, figure);
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f-%.2f)",
        median(ratios),
        Collections.min(ratios),
        Collections.max(ratios));
  }

  private List<Double> ratios(String contestant, ToDoubleFunction<Measurement> figure) {
    List<Measurement> base = of(first);
    List<Measurement> figures = of(contestant);
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < figures.size(); round++) {
      ratios.add(figure.applyAsDouble(figures.get(round)) / figure.applyAsDouble(base.get(round)));
    }
    return ratios;
  }

  private static double median(List<Double> figures) {
    return figures.stream().sorted().toList().get(figures.size() / 2);
  }

  /** The arguments of a benchmark's main: each as name=value. */
  static Map<String, String> options(String[] args) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    }
    return options;
  }
}
