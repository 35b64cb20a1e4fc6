package io.hermes.testkit;

import org.jspecify.annotations.Nullable;

/**
 * Kafka did not start or, if it was started elsewhere, did not respond. The message says what to
 * do.
 */
public class KafkaStartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KafkaStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  static KafkaStartException of(Throwable failure) {
    return failure instanceof KafkaStartException same
        ? same
        : new KafkaStartException("The broker did not start: " + failure.getMessage(), failure);
  }
}
