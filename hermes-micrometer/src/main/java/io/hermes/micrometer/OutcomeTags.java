package io.hermes.micrometer;

import io.hermes.PublishException;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.HandlerOutcome.Failed;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names and values of tags that timers and observations share. */
final class OutcomeTags {

  static final String TOPIC = "topic";
  static final String GROUP = "group";
  static final String CLIENT = "client";
  static final String OUTCOME = "outcome";
  static final String ERROR = "error";

  static final String ACKNOWLEDGED = "acknowledged";
  static final String REJECTED = "rejected";
  static final String UNKNOWN = "unknown";

  static final String COMMITTED = "committed";
  static final String ABORTED = "aborted";

  private OutcomeTags() {}

  /** Returns the outcome of an attempt; for a batch, the most severe outcome of its records. */
  static String of(HandlerOutcome outcome) {
    Failed gravest = gravest(outcome);
    return gravest == null ? "acked" : gravest.decision().map(OutcomeTags::past).orElse("revoked");
  }

  private static String past(Decision decision) {
    return switch (decision) {
      case RETRY -> "retried";
      case DEAD_LETTER -> "dead_lettered";
      case SKIP -> "skipped";
      case STOP -> "stopped";
    };
  }

  private static int gravity(Optional<Decision> decision) {
    return decision
        .map(
            made ->
                switch (made) {
                  case RETRY -> 1;
                  case SKIP -> 2;
                  case DEAD_LETTER -> 3;
                  case STOP -> 4;
                })
        .orElse(0);
  }

  private static @Nullable Failed gravest(HandlerOutcome outcome) {
    return outcome.failed().stream()
        .max(Comparator.comparingInt(failed -> gravity(failed.decision())))
        .orElse(null);
  }

  /** Returns why an attempt failed. */
  static @Nullable Throwable failure(HandlerOutcome outcome) {
    Failed gravest = gravest(outcome);
    return gravest == null ? null : gravest.failure();
  }

  /** Returns why an event was not acknowledged: Kafka's exception, if there is one. */
  static Throwable failure(PublishException why) {
    Throwable cause = why.getCause();
    return cause == null ? why : cause;
  }

  /** Returns the name of a failure, as in Micrometer's own observation handler. */
  static String error(@Nullable Throwable failure) {
    if (failure == null) {
      return "none";
    }
    String simple = failure.getClass().getSimpleName();
    return simple.isEmpty() ? failure.getClass().getName() : simple;
  }
}
