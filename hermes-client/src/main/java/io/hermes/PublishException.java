package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * Publishing an event ended without a receipt. The subclass says which of two outcomes it was:
 * {@link PublishRejectedException} (the event was definitely not written) or {@link
 * PublishUnknownException} (it may or may not have been written). Never contains the event.
 */
public abstract sealed class PublishException extends HermesException
    permits PublishRejectedException, PublishUnknownException {

  private static final long serialVersionUID = 1L;

  private final String topic;

  PublishException(
      String problem,
      @Nullable String advice,
      @Nullable Throwable cause,
      boolean retryable,
      String topic) {
    super(problem, advice, cause, retryable);
    this.topic = topic;
  }

  /**
   * The topic that the event was published to.
   *
   * @return the topic's name
   */
  public final String topic() {
    return topic;
  }
}
