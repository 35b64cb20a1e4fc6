package io.hermes.kafka;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * One setting of a topic that differs, or may differ, from its contract. Immutable.
 *
 * @param topic the topic's name
 * @param setting {@link #PARTITIONS}, or Kafka's own name of a configuration such as {@code
 *     retention.ms}
 * @param actual the topic's value; null if the principal has no permission to see it
 * @param contract the contract's value
 */
public record TopicDifference(
    String topic, String setting, @Nullable String actual, String contract) {

  /** The number of partitions, which is not one of Kafka's topic configurations. */
  public static final String PARTITIONS = "partitions";

  /**
   * Logs differences at WARN, and settings that could not be compared at INFO.
   *
   * @param owner the publisher or subscriber that compares, logged at the start of each line
   * @param differences of one topic
   * @param log the logger to use
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

  /** The difference as a sentence, for a log. */
  @Override
  public String toString() {
    String has =
        actual == null
            ? " hides its " + setting + " from this principal, which lacks the ACL DESCRIBE_CONFIGS"
            : setting.equals(PARTITIONS)
                ? " has " + Words.count(Long.parseLong(actual), "partition")
                : " has " + setting + "=" + actual;
    return topic + has + "; its contract says " + contract + ".";
  }
}
