package io.hermes.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.kafka.TopicDifference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsequenceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          partitions     | 1              | 3              | More partitions move keys
          partitions     | 3              | 1              | cannot take partitions away: let the contract say 3
          cleanup.policy | delete         | compact        | newest event only, and refuses records without key. Kafka then removes nothing by age
          cleanup.policy | compact        | delete         | by age, also the newest of a key. Kafka then keeps earlier events
          cleanup.policy | delete         | compact,delete | newest event only, and refuses records without key.
          retention.ms   | 604800000      | 86400000       | keeps events for 1 day rather than for 7 days: older ones are removed
          retention.ms   | -1             | 7200000        | keeps events for 2 hours rather than for ever: older ones are removed
          retention.ms   | 86400000       | -1             | keeps events for ever rather than for 1 day, which needs more disk
          retention.ms   | 1500           | 86400000       | keeps events for 1 day rather than for 1,500 milliseconds, which
          retention.ms   |                | 86400000       | not known: the principal needs DESCRIBE_CONFIGS
          """)
  void isWhatComesOfChangingTheTopic(
      String setting, String actual, String contract, String consequence) {
    TopicDifference difference = new TopicDifference("a.topic", setting, actual, contract);
    assertThat(Consequence.of(difference)).contains(consequence);
  }
}
