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
 * Contestants that take turns, and what they needed. In each round all of them have a fresh JVM, as
 * what the JIT makes of one differs from JVM to JVM; in a round they take one turn or more, one
 * after the other, as the speed of a machine differs from second to second. The ratio of a round is
 * the median of those to the first contestant in the same turn; reported are the median of the
 * rounds, the lowest and the highest.
 */
final class Contest {

  /** By default: a collector that has no threads at work beside the contestant's. */
  static final String JVM_FLAGS = "-XX:+UseParallelGC";

  private final Map<String, List<List<Measurement>>> results = new LinkedHashMap<>(); // by round
  private final String first;

  /**
   * Runs all rounds, and reports each figure as it comes.
   *
   * @param turns in each round; with more than one, main reads a line before each and ends after
   *     the last line
   * @param jvm flags of the contestants' JVMs, with spaces between
   * @param main the main class of a contestant's JVM, which prints a {@link Measurement} a turn
   * @param arguments its arguments, from the contestant's name
   */
  Contest(
      List<String> contestants,
      int rounds,
      int turns,
      String jvm,
      Class<?> main,
      Function<String, List<String>> arguments)
      throws IOException, InterruptedException {
    first = contestants.get(0);
    contestants.forEach(contestant -> results.put(contestant, new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      play(round, turns, contestant -> command(jvm, main, arguments.apply(contestant)));
      for (String contestant : contestants) {
        List<Measurement> figures = of(contestant).get(round);
        System.err.printf(
            Locale.ROOT,
            "round %d/%d  %-64s %,9.0f/s  %5.2f us CPU%n",
            round + 1,
            rounds,
            contestant,
            median(figures.stream().map(Measurement::perSecond).toList()),
            median(figures.stream().map(Measurement::cpuMicros).toList()));
      }
    }
  }

  private void play(int round, int turns, Function<String, List<String>> command)
      throws IOException, InterruptedException {
    List<String> order = new ArrayList<>(contestants());
    Collections.rotate(order, round);
    order.forEach(contestant -> of(contestant).add(new ArrayList<>()));
    Map<String, Player> players = new LinkedHashMap<>();
    try {
      for (int turn = 0; turn < turns; turn++) {
        for (String contestant : order) {
          Player player = players.get(contestant);
          if (player == null) {
            player = new Player(contestant, command.apply(contestant));
            players.put(contestant, player);
          }
          of(contestant).get(round).add(player.takeTurn());
          if (turn == turns - 1) {
            player.end();
          }
        }
        Collections.rotate(order, 1);
      }
    } finally {
      players.values().forEach(Player::kill);
    }
  }

  /** The JVM of a contestant, from its first turn in a round to its last. */
  private static final class Player {

    private final String name;
    private final Process process;
    private final BufferedReader out;

    Player(String name, List<String> command) throws IOException {
      this.name = name;
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    Measurement takeTurn() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      String line;
      while ((line = out.readLine()) != null) {
        if (Measurement.isLine(line)) {
          return Measurement.parse(line);
        }
      }
      throw new IllegalStateException(name + " ended without a measurement");
    }

    void end() throws IOException, InterruptedException {
      process.getOutputStream().close();
      process.waitFor();
    }

    void kill() {
      process.destroy();
    }
  }

  private static List<String> command(String jvm, Class<?> main, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g"));
    command.addAll(List.of(jvm.split(" ")));
    command.addAll(
        List.of(
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(arguments);
    return command;
  }

  Set<String> contestants() {
    return results.keySet();
  }

  private List<List<Measurement>> of(String contestant) {
    return Objects.requireNonNull(results.get(contestant));
  }

  /** The median of a figure over all turns. */
  double median(String contestant, ToDoubleFunction<Measurement> figure) {
    return median(
        of(contestant).stream().flatMap(List::stream).map(figure::applyAsDouble).toList());
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

  /** One of each round. */
  private List<Double> ratios(String contestant, ToDoubleFunction<Measurement> figure) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < of(contestant).size(); round++) {
      List<Measurement> base = of(first).get(round);
      List<Measurement> figures = of(contestant).get(round);
      List<Double> ofTurns = new ArrayList<>();
      for (int turn = 0; turn < figures.size(); turn++) {
        ofTurns.add(figure.applyAsDouble(figures.get(turn)) / figure.applyAsDouble(base.get(turn)));
      }
      ratios.add(median(ofTurns));
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
