package io.hermes;

import org.jspecify.annotations.Nullable;

/** The brokers respond, but the topic does not exist. */
public final class UnknownTopicException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String topic;

  /** Creates an exception for a topic that does not exist. */
  public UnknownTopicException(
      String topic, String problem, String advice, @Nullable Throwable cause) {
    super(problem, advice, cause);
    this.topic = topic;
  }

  /**
   * The topic that does not exist.
   *
   * @return its name
   */
  public String topic() {
    return topic;
  }
}
