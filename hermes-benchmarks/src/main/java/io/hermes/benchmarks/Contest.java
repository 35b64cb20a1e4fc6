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
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Runs contestants in turns, and reports what they needed. Each round uses fresh JVMs, because JIT
 * compilation varies between JVMs: either one JVM for all contestants, like the libraries of a
 * service, or one for each. Within a round, the contestants take one or more turns each, one after
 * another, because a machine's speed varies over time. A turn's ratio compares a contestant with
 * the first one in the same turn, and a round's ratio is the median of its turns. Reported are the
 * median, the lowest and the highest ratio of all rounds.
 */
final class Contest {

  /** The garbage collector of most services. */
  static final String JVM_FLAGS = "-XX:+UseG1GC";

  /**
   * How the contest is run.
   *
   * @param rounds the number of rounds, each in fresh JVMs
   * @param turns the number of turns in each round
   * @param together whether all contestants share a JVM
   * @param jvm the flags of the JVMs, separated by spaces
   */
  record Rules(int rounds, int turns, boolean together, String jvm) {

    /** Reads them from a benchmark's arguments. */
    static Rules of(Map<String, String> options, int rounds, int turns, boolean together) {
      return new Rules(
          Integer.parseInt(options.getOrDefault("rounds", Integer.toString(rounds))),
          Integer.parseInt(options.getOrDefault("turns", Integer.toString(turns))),
          Boolean.parseBoolean(options.getOrDefault("together", Boolean.toString(together))),
          options.getOrDefault("jvm", JVM_FLAGS));
    }

    @Override
    public String toString() {
      return (rounds == 1 ? "one round" : rounds + " rounds")
          + " of "
          + (turns == 1 ? "one turn" : turns + " turns")
          + (together ? ", all clients in one JVM" : ", a JVM for each client")
          + " ("
          + jvm
          + ")";
    }
  }

  private final Map<String, List<List<Measurement>>> results = new LinkedHashMap<>(); // by round
  private final Rules rules;
  private final String first;

  /**
   * Runs all rounds, and reports the figures after each.
   *
   * @param main the main class of a JVM. Its first argument is its contestants, separated by
   *     semicolons. It reads lines with the name of a contestant, and prints the {@link
   *     Measurement} of a turn for each
   * @param arguments the other arguments of a JVM
   */
  Contest(List<String> contestants, Rules rules, Class<?> main, Supplier<List<String>> arguments)
      throws IOException, InterruptedException {
    this.rules = rules;
    first = contestants.get(0);
    contestants.forEach(contestant -> results.put(contestant, new ArrayList<>()));
    for (int round = 0; round < rules.rounds; round++) {
      play(round, rules, who -> command(rules, main, who, arguments.get()));
      for (String contestant : contestants) {
        List<Measurement> figures = of(contestant).get(round);
        System.err.printf(
            Locale.ROOT,
            "round %d/%d  %-64s %,9.0f/s  %5.2f us CPU%n",
            round + 1,
            rules.rounds,
            contestant,
            median(figures.stream().map(Measurement::perSecond).toList()),
            median(figures.stream().map(Measurement::cpuMicros).toList()));
      }
    }
  }

  private void play(int round, Rules rules, Function<List<String>, List<String>> command)
      throws IOException, InterruptedException {
    List<String> order = new ArrayList<>(contestants());
    Collections.rotate(order, round);
    order.forEach(contestant -> of(contestant).add(new ArrayList<>()));
    Map<String, Player> players = new LinkedHashMap<>();
    try {
      if (rules.together) {
        Player all = new Player(command.apply(List.copyOf(order)));
        order.forEach(contestant -> players.put(contestant, all));
      }
      for (int turn = 0; turn < rules.turns; turn++) {
        for (String contestant : order) {
          Player player = players.get(contestant);
          if (player == null) {
            player = new Player(command.apply(List.of(contestant)));
            players.put(contestant, player);
          }
          of(contestant).get(round).add(player.takeTurn(contestant));
          if (turn == rules.turns - 1 && !rules.together) {
            player.end();
          }
        }
        Collections.rotate(order, 1);
      }
    } finally {
      players.values().forEach(Player::kill);
    }
  }

  /** A JVM that takes turns during one round. */
  private static final class Player {

    private final Process process;
    private final BufferedReader out;

    Player(List<String> command) throws IOException {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    Measurement takeTurn(String name) throws IOException {
      process.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
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

  private static List<String> command(
      Rules rules, Class<?> main, List<String> contestants, List<String> arguments) {
    String heap = rules.together ? "2g" : "1g"; // each producer keeps its buffers
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heap,
                "-Xmx" + heap));
    command.addAll(List.of(rules.jvm.split(" ")));
    command.addAll(
        List.of(
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            String.join(";", contestants)));
    command.addAll(arguments);
    return command;
  }

  Rules rules() {
    return rules;
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

  /** The median, lowest and highest ratio to the first contestant. */
  String spread(String contestant, ToDoubleFunction<Measurement> figure) {
    List<Double> ratios = ratios(contestant, figure);
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f-%.2f)",
        median(ratios),
        Collections.min(ratios),
        Collections.max(ratios));
  }

  /** The ratio of each round. */
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
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Parses the arguments of a benchmark's main, each as name=value. */
  static Map<String, String> options(String[] args) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String arg : args) {
      options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    }
    return options;
  }
}
