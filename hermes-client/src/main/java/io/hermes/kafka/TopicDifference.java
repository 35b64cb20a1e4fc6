package io.hermes.kafka;

import org.jspecify.annotations.Nullable;

/**
 * One setting of a topic that is not, or may not be, what its contract says. Immutable.
 *
 * @param topic the topic's name
 * @param setting {@link #PARTITIONS}, or Kafka's own name of a configuration such as {@code
 *     retention.ms}
 * @param actual what the topic has; null if the principal has no right to see it
 * @param contract what the contract says
 */
public record TopicDifference(
    String topic, String setting, @Nullable String actual, String contract) {

  /** How many partitions there are, which is no configuration of Kafka's. */
  public static final String PARTITIONS = "partitions";

  /** In words, for a log. */
  @Override
  public String toString() {
    String has =
        actual == null
            ? " keeps " + setting + " from us, for lack of the right DESCRIBE_CONFIGS"
            : setting.equals(PARTITIONS)
                ? " has " + actual + " partitions"
                : " has " + setting + "=" + actual;
    return topic + has + "; its contract says " + contract + ".";
  }
}
