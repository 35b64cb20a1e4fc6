package io.hermes.kafka;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

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

  /**
   * Logs differences at WARN, and at INFO what could not be compared.
   *
   * @param owner who compares, at the start of each line
   * @param differences of one topic
   * @param log where they are logged
   */
  public static void log(String owner, List<TopicDifference> differences, Logger log) {
    for (TopicDifference difference : differences) {
      if (difference.actual == null) {
        log.info("{}: not compared: {}", owner, difference);
      } else {
        log.warn("{}: {}", owner, difference);
      }
    }
  }

  /** In words, for a log. */
  @Override
  public String toString() {
    String has =
        actual == null
            ? " hides its " + setting + ", which needs the ACL DESCRIBE_CONFIGS"
            : setting.equals(PARTITIONS)
                ? " has " + actual + " partitions"
                : " has " + setting + "=" + actual;
    return topic + has + "; its contract says " + contract + ".";
  }
}
