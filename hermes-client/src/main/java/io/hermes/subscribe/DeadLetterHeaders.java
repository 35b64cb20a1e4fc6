package io.hermes.subscribe;

import io.hermes.EventHeaders;
import io.hermes.contract.schema.ContractRules;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The headers that a dead-letter record has in addition to those of the original record. All are
 * UTF-8 text of at most 1,024 bytes. Existing ones are replaced, so a record that is dead-lettered
 * twice does not grow.
 */
public final class DeadLetterHeaders {

  /** The prefix of all names except {@link #REDRIVE_GROUP} and {@link #REDRIVE_COUNT}. */
  public static final String PREFIX = "hermes-dlt-";

  /** The record's original topic. */
  public static final String TOPIC = "hermes-dlt-topic";

  /** Its original partition. */
  public static final String PARTITION = "hermes-dlt-partition";

  /** Its original offset. */
  public static final String OFFSET = "hermes-dlt-offset";

  /** Its original timestamp, in milliseconds since the epoch. */
  public static final String TIMESTAMP = "hermes-dlt-timestamp";

  /** The group that could not handle it. */
  public static final String GROUP = "hermes-dlt-group";

  /** The class of the exception. */
  public static final String EXCEPTION = "hermes-dlt-exception";

  /** The exception's message. */
  public static final String MESSAGE = "hermes-dlt-message";

  /** The number of attempts to handle it. */
  public static final String ATTEMPTS = "hermes-dlt-attempts";

  /** The same as {@link EventHeaders#REDRIVE_GROUP}. */
  public static final String REDRIVE_GROUP = EventHeaders.REDRIVE_GROUP;

  /**
   * How many times a record was redriven from a dead-letter topic. A dead-letter record keeps it,
   * so a record that always fails is not redriven forever.
   */
  public static final String REDRIVE_COUNT = "hermes-redrive-count";

  private static final Map<String, String> CONFIGURATION =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.of(
                  "cleanup.policy", "delete",
                  "retention.ms", "-1",
                  "max.message.bytes", Integer.toString(32 << 20))));

  private DeadLetterHeaders() {}

  /**
   * The name of a topic's dead-letter topic.
   *
   * @param topic the topic's name
   * @return that name followed by {@code -dlt}
   */
  public static String topicOf(String topic) {
    return topic + ContractRules.DEAD_LETTER_SUFFIX;
  }

  /**
   * The configuration of the dead-letter topics that a subscriber creates. Records are kept until
   * they are purged, and may be as large as the original topic allowed, up to 32 MiB.
   *
   * @return Kafka's topic settings, in a fixed order
   */
  public static Map<String, String> topicConfiguration() {
    return CONFIGURATION;
  }
}
