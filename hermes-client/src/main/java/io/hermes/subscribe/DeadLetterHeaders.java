package io.hermes.subscribe;

import io.hermes.EventHeaders;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The headers that a dead letter has beside those of the original record. All of them are UTF-8
 * text, and none is longer than 1,024 bytes. Those that a record has already are replaced, so a
 * record that dies twice does not grow.
 */
public final class DeadLetterHeaders {

  /**
   * What the names of all begin with but those of {@link #REDRIVE_GROUP} and {@link
   * #REDRIVE_COUNT}.
   */
  public static final String PREFIX = "hermes-dlt-";

  /** The topic that the record was on. */
  public static final String TOPIC = "hermes-dlt-topic";

  /** The partition that it was in. */
  public static final String PARTITION = "hermes-dlt-partition";

  /** Its offset there. */
  public static final String OFFSET = "hermes-dlt-offset";

  /** Its timestamp, in milliseconds since the epoch. */
  public static final String TIMESTAMP = "hermes-dlt-timestamp";

  /** The group that could not handle it. */
  public static final String GROUP = "hermes-dlt-group";

  /** The class of the exception. */
  public static final String EXCEPTION = "hermes-dlt-exception";

  /** The exception's message. */
  public static final String MESSAGE = "hermes-dlt-message";

  /** How often it was handled. */
  public static final String ATTEMPTS = "hermes-dlt-attempts";

  /** As {@link EventHeaders#REDRIVE_GROUP}. */
  public static final String REDRIVE_GROUP = EventHeaders.REDRIVE_GROUP;

  /**
   * On a record that was put back from a dead letter topic: how often it was by now. A dead letter
   * keeps it, so that a record which always dies is not put back for ever.
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
   * The dead letter topic of a topic.
   *
   * @param topic the topic's name
   * @return its name with {@code -dlt}
   */
  public static String topicOf(String topic) {
    return topic + "-dlt";
  }

  /**
   * The configuration that a subscriber gives to a dead letter topic when it creates one: records
   * are kept until they are purged, and a record fits that was as large as its topic allowed.
   *
   * @return Kafka's topic settings, in a fixed order
   */
  public static Map<String, String> topicConfiguration() {
    return CONFIGURATION;
  }
}
