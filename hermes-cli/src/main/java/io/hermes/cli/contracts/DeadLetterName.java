package io.hermes.cli.contracts;

import io.hermes.subscribe.DeadLetterHeaders;

/** The names of dead-letter topics, read backwards. */
public final class DeadLetterName {

  private static final String SUFFIX = DeadLetterHeaders.topicOf("");

  private DeadLetterName() {}

  /** Whether that is the name of a dead-letter topic. */
  public static boolean isTopic(String name) {
    return name.endsWith(SUFFIX) && name.length() > SUFFIX.length();
  }

  /** The topic whose dead-letter records are on this one. */
  public static String origin(String deadLetterTopic) {
    return deadLetterTopic.substring(0, deadLetterTopic.length() - SUFFIX.length());
  }
}
