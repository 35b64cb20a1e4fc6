package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.Thrown;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an event is rejected or its outcome is unknown. Kafka uses the same exception
 * types for both, so what counts is when an error occurs. If that is before {@code send} has
 * returned, the event was not written. If it is later, the event may have been written, unless no
 * broker would ever write such a record. Stateless.
 */
final class PublishOutcomes {

  private static final String NOWHERE = ""; // no broker is involved

  private static final String PUBLISH_AGAIN =
      "Publish it again if handlers are idempotent; otherwise check first whether it was written.";

  private PublishOutcomes() {}

  /** For an error before or inside {@code send}. */
  static PublishRejectedException beforeSend(
      Throwable failure, String where, String topic, int valueBytes) {
    HermesException reason = reason(failure, where, topic, valueBytes);
    boolean retryable =
        reason.isRetryable()
            || failure instanceof RetriableException
            || failure instanceof InterruptException
            || failure instanceof InterruptedException;
    return Rejections.of(topic, reason.problem(), reason.advice().orElse(null), reason, retryable);
  }

  /** For an event that cannot be encoded: it, or one of its headers, throws. */
  static PublishRejectedException unencodable(Throwable failure, String topic) {
    if (failure instanceof PublishRejectedException known) {
      return known;
    }
    if (failure instanceof HermesException || failure instanceof KafkaException) {
      return beforeSend(failure, NOWHERE, topic, -1);
    }
    String why =
        failure instanceof StackOverflowError
            ? "its messages are nested too deeply; readers accept 100 levels"
            : Thrown.describe(failure);
    return Rejections.of(topic, "The event cannot be encoded: " + why + ".", null, failure, false);
  }

  /**
   * For an error that Kafka reports after {@code send} has returned.
   *
   * @param acknowledgedOnce whether the topic has accepted an event of this publisher before
   */
  static PublishException afterSend(
      @Nullable Exception failure,
      boolean acknowledgedOnce,
      String where,
      String topic,
      int valueBytes) {
    Exception known =
        failure == null ? new IllegalStateException("Kafka reported no outcome.") : failure;
    if (isSpoiledByAnother(known)) {
      return Rejections.of(
          topic,
          "Another event of its batch is invalid, and Kafka accepts or rejects a batch as a whole.",
          "Publish it again.",
          known,
          true);
    }
    if (KafkaFailures.isUnwritable(known)
        || (known instanceof AuthorizationException && !acknowledgedOnce)) {
      return beforeSend(known, where, topic, valueBytes);
    }
    return unknown(topic, reason(known, where, topic, valueBytes));
  }

  /** The event may or may not have been written. */
  static PublishUnknownException unknown(String topic, HermesException why) {
    return unknown(topic, why.problem(), why.advice().orElse(null), why);
  }

  /** The event may or may not have been written. The general advice follows the given advice. */
  static PublishUnknownException unknown(
      String topic, String why, @Nullable String advice, Throwable cause) {
    return new PublishUnknownException(
        "It may or may not have been written to " + topic + ". " + why,
        advice == null ? PUBLISH_AGAIN : advice + " " + PUBLISH_AGAIN,
        cause,
        topic);
  }

  /**
   * Whether the broker reported other records of the batch as invalid (KIP-467), and so wrote none
   * of it. Kafka's producer has no exception type for that, only a message.
   */
  private static boolean isSpoiledByAnother(Exception failure) {
    String message = Thrown.message(failure);
    return failure.getClass() == KafkaException.class
        && message != null
        && message.startsWith("Failed to append record because it was part of a batch");
  }

  private static HermesException reason(
      Throwable failure, String where, String topic, int valueBytes) {
    if (failure instanceof RecordTooLargeException
        || failure instanceof RecordBatchTooLargeException
        || failure instanceof InvalidTimestampException) {
      return KafkaFailures.unwritable(failure, valueBytes);
    }
    if (failure instanceof SerializationException) {
      return new HermesException(String.valueOf(Thrown.message(failure)), failure);
    }
    return KafkaFailures.translate(failure, where, topic);
  }
}
