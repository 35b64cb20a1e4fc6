package io.hermes;

import org.jspecify.annotations.Nullable;

/** The brokers answer, and they have no such topic. */
public final class UnknownTopicException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String topic;

  /** A topic that is not there. */
  public UnknownTopicException(String topic, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.topic = topic;
  }

  /**
   * The topic that is missing.
   *
   * @return its name
   */
  public String topic() {
    return topic;
  }
}
