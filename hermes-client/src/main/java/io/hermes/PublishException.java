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
  private final boolean keyed;
  private final int valueBytes;

  PublishException(
      String message,
      @Nullable Throwable cause,
      boolean retryable,
      String topic,
      boolean keyed,
      int valueBytes) {
    super(message, cause, retryable);
    this.topic = topic;
    this.keyed = keyed;
    this.valueBytes = valueBytes;
  }

  /**
   * The topic that the event was published to.
   *
   * @return the topic's name
   */
  public final String topic() {
    return topic;
  }

  /**
   * Whether the record has a key.
   *
   * @return also false if publishing failed before the key was known
   */
  public final boolean hasKey() {
    return keyed;
  }

  /**
   * The size of the value.
   *
   * @return bytes as written, before batch compression; -1 for a tombstone, or if publishing failed
   *     before the value was encoded
   */
  public final int valueBytes() {
    return valueBytes;
  }
}
