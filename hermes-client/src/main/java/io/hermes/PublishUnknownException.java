package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * Nobody knows whether the event was written: Kafka accepted it, and no acknowledgement came.
 * Hermes never sends such an event again. Who does so may write it twice, which is right where
 * handlers recognise an event id that they have seen.
 */
public final class PublishUnknownException extends PublishException {

  private static final long serialVersionUID = 1L;

  /** An event that may have been written. */
  public PublishUnknownException(
      String message, @Nullable Throwable cause, String topic, boolean keyed, int valueBytes) {
    super(message, cause, true, topic, keyed, valueBytes);
  }
}
