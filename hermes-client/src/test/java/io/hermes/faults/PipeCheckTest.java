package io.hermes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.faults.PipeCheck.Input;
import io.hermes.faults.PipeCheck.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The check of the fault run sees what it is there to see. */
class PipeCheckTest {

  private final List<Input> inputs =
      List.of(
          input("0@0", "a", "0@0#0", "0@0#1"),
          input("0@1", "b", "0@1#0"),
          new Input("0@2", "a", true, Map.of("orders", List.of("0@2#0"))),
          input("0@3", "a", "0@3#0"));
  private final List<Output> outputs =
      new ArrayList<>(
          List.of(
              new Output("orders", "a", "0@0#0"),
              new Output("orders", "a", "0@0#1"),
              new Output("orders", "b", "0@1#0"),
              new Output("orders", "a", "0@3#0")));
  private final List<String> deadLetters = new ArrayList<>(List.of("0@2"));

  private static Input input(String position, String key, String... outputs) {
    return new Input(position, key, false, Map.of("orders", List.of(outputs)));
  }

  private List<String> violations() {
    return PipeCheck.violations(inputs, outputs, deadLetters);
  }

  @Test
  void findsNothingWhenAllIsThereOnceAndInOrder() {
    assertThat(violations()).isEmpty();
    Collections.swap(outputs, 1, 2); // of another key
    assertThat(violations()).isEmpty();
  }

  @Test
  void findsAnOutputThatIsLost() {
    outputs.remove(1);
    assertThat(violations()).containsExactly("orders, key a: 0@0#1 is lost");
  }

  @Test
  void findsAnOutputThatIsThereTwice() {
    outputs.add(outputs.get(1));
    assertThat(violations()).containsExactly("orders, key a: 0@0#1 is there more than once");
  }

  @Test
  void findsOutputsOfAKeyInTheWrongOrder() {
    Collections.swap(outputs, 1, 3);
    assertThat(violations()).containsExactly("orders, key a: 0@0#1 is behind 0@3#0");
    Collections.swap(outputs, 1, 3);
    Collections.swap(outputs, 0, 1); // of one input
    assertThat(violations()).containsExactly("orders, key a: 0@0#0 is behind 0@0#1");
  }

  @Test
  void findsOutputsOfNoInputOfAnotherKeyAndOfPoison() {
    outputs.add(new Output("orders", "c", "0@9#0"));
    outputs.add(new Output("orders", "b", "0@3#0"));
    outputs.add(new Output("orders", "a", "0@2#0"));
    assertThat(violations())
        .containsExactlyInAnyOrder(
            "orders, key c: 0@9#0 is the output of no input",
            "orders, key b: 0@3#0 is the output of no input",
            "orders, key a: 0@2#0 is the output of no input");
  }

  @Test
  void findsAnOutputOnTheWrongTopic() {
    outputs.set(2, new Output("payments", "b", "0@1#0"));
    assertThat(violations())
        .containsExactlyInAnyOrder(
            "payments, key b: 0@1#0 is the output of no input", "orders, key b: 0@1#0 is lost");
  }

  @Test
  void findsDeadLettersThatAreMissingThereTwiceOrNotPoison() {
    deadLetters.clear();
    assertThat(violations())
        .containsExactly("0@2, which is poison, is 0 times among the dead letters");
    deadLetters.addAll(List.of("0@2", "0@2", "0@1", "7@7"));
    assertThat(violations())
        .containsExactly(
            "0@1 is 1 times among the dead letters",
            "0@2, which is poison, is 2 times among the dead letters",
            "7@7 is a dead letter without an input");
  }
}
