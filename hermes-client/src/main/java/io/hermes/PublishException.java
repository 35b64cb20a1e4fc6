package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * An event did not get its receipt. One of two outcomes, told apart by type: {@link
 * PublishRejectedException} (certainly not written) and {@link PublishUnknownException} (it may or
 * may not have been written). Never carries the event.
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
   * Where the event was to go.
   *
   * @return the topic's name
   */
  public final String topic() {
    return topic;
  }

  /**
   * Whether the record had a key.
   *
   * @return false also if it failed before its key was known
   */
  public final boolean hasKey() {
    return keyed;
  }

  /**
   * The size of the value.
   *
   * @return bytes as they would have been written, before the batch is compressed; -1 for a
   *     tombstone and if it failed before the value was encoded
   */
  public final int valueBytes() {
    return valueBytes;
  }
}
