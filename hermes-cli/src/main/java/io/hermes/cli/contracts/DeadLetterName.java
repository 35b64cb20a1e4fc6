package io.hermes.cli.contracts;

import io.hermes.subscribe.DeadLetterHeaders;

/** Recognizes the names of dead-letter topics, and derives the original topic from them. */
public final class DeadLetterName {

  private static final String SUFFIX = DeadLetterHeaders.topicOf("");

  private DeadLetterName() {}

  /** Whether this is the name of a dead-letter topic. */
  public static boolean isTopic(String name) {
    return name.endsWith(SUFFIX) && name.length() > SUFFIX.length();
  }

  /** The topic that a dead-letter topic belongs to. */
  public static String origin(String deadLetterTopic) {
    return deadLetterTopic.substring(0, deadLetterTopic.length() - SUFFIX.length());
  }
}
