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
          partitions     | 1              | 3              | Adding partitions changes which partition a key maps to
          partitions     | 3              | 1              | cannot remove partitions. Set 3 in the contract
          cleanup.policy | delete         | compact        | only the newest event of each key, and rejects records without a key. Kafka then no longer removes events by age
          cleanup.policy | compact        | delete         | by age, including the newest event of a key. Kafka then also keeps earlier events
          cleanup.policy | delete         | compact,delete | only the newest event of each key, and rejects records without a key.
          retention.ms   | 604800000      | 86400000       | keeps events for 1 day rather than for 7 days: older ones are removed
          retention.ms   | -1             | 7200000        | keeps events for 2 hours rather than forever: older ones are removed
          retention.ms   | 86400000       | -1             | keeps events forever rather than for 1 day, which needs more disk
          retention.ms   | 1500           | 86400000       | keeps events for 1 day rather than for 1,500 milliseconds, which
          retention.ms   |                | 86400000       | Cannot be compared: the principal needs DESCRIBE_CONFIGS
          """)
  void isWhatComesOfChangingTheTopic(
      String setting, String actual, String contract, String consequence) {
    TopicDifference difference = new TopicDifference("a.topic", setting, actual, contract);
    assertThat(Consequence.of(difference)).contains(consequence);
  }
}
