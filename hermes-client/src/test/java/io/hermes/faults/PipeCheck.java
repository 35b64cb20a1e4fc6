package io.hermes.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds the outputs of a pipe against its inputs: each input has its outputs exactly once, all of
 * them, and those of a key are in its order; or, if it is poison, it is exactly once among the dead
 * letters and has no outputs; and everything is committed.
 */
final class PipeCheck {

  /**
   * An input, and what the pipe has to make of it.
   *
   * @param position where it is
   * @param key its key
   * @param isPoison whether it ends as a dead letter
   * @param outputs the ids of its outputs in their order, by topic
   */
  record Input(String position, String key, boolean isPoison, Map<String, List<String>> outputs) {}

  /** An output that a reader of committed records has read. */
  record Output(String topic, String key, String id) {}

  private record Stream(String topic, String key) {}

  private final List<String> violations = new ArrayList<>();

  private PipeCheck() {}

  /**
   * What is wrong.
   *
   * @param inputs all inputs, those of a key in their order
   * @param outputs all outputs, those of a topic and key in their order
   * @param deadLetters the positions of the inputs that are dead letters
   */
  static List<String> violations(
      List<Input> inputs, List<Output> outputs, List<String> deadLetters) {
    PipeCheck check = new PipeCheck();
    check.compare(expected(inputs), found(outputs));
    check.compareDeadLetters(inputs, deadLetters);
    return check.violations;
  }

  private static Map<Stream, List<String>> expected(List<Input> inputs) {
    Map<Stream, List<String>> expected = new LinkedHashMap<>();
    for (Input input : inputs) {
      if (!input.isPoison()) {
        input
            .outputs()
            .forEach(
                (topic, ids) ->
                    expected
                        .computeIfAbsent(new Stream(topic, input.key()), s -> new ArrayList<>())
                        .addAll(ids));
      }
    }
    return expected;
  }

  private static Map<Stream, List<String>> found(List<Output> outputs) {
    Map<Stream, List<String>> found = new LinkedHashMap<>();
    for (Output output : outputs) {
      found
          .computeIfAbsent(new Stream(output.topic(), output.key()), s -> new ArrayList<>())
          .add(output.id());
    }
    return found;
  }

  private void compare(Map<Stream, List<String>> expected, Map<Stream, List<String>> found) {
    Set<Stream> streams = new HashSet<>(expected.keySet());
    streams.addAll(found.keySet());
    for (Stream stream : streams) {
      List<String> wanted = expected.getOrDefault(stream, List.of());
      List<String> there = found.getOrDefault(stream, List.of());
      if (!wanted.equals(there)) {
        explain(stream.topic() + ", key " + stream.key() + ": ", wanted, there);
      }
    }
  }

  private void explain(String where, List<String> wanted, List<String> there) {
    Map<String, Integer> ranks = new HashMap<>();
    wanted.forEach(id -> ranks.put(id, ranks.size()));
    Set<String> seen = new HashSet<>();
    int last = -1;
    for (String id : there) {
      Integer rank = ranks.get(id);
      if (rank == null) {
        violations.add(where + id + " is the output of no input");
      } else if (!seen.add(id)) {
        violations.add(where + id + " is there more than once");
      } else {
        if (rank < last) {
          violations.add(where + id + " is behind " + wanted.get(last));
        }
        last = Math.max(last, rank);
      }
    }
    for (String id : wanted) {
      if (!seen.contains(id)) {
        violations.add(where + id + " is lost");
      }
    }
  }

  private void compareDeadLetters(List<Input> inputs, List<String> deadLetters) {
    Map<String, Integer> times = new HashMap<>();
    deadLetters.forEach(position -> times.merge(position, 1, Integer::sum));
    for (Input input : inputs) {
      int there = times.getOrDefault(input.position(), 0);
      if (there != (input.isPoison() ? 1 : 0)) {
        violations.add(
            input.position()
                + (input.isPoison() ? ", which is poison," : "")
                + " is "
                + there
                + " times among the dead letters");
      }
      times.remove(input.position());
    }
    times.keySet().forEach(p -> violations.add(p + " is a dead letter without an input"));
  }
}
