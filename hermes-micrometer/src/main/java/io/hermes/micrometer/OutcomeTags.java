package io.hermes.micrometer;

import io.hermes.PublishException;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.HandlerOutcome.Failed;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names and values of tags, which timers and observations share. */
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

  /** What became of an attempt; of a batch, the gravest of what became of its records. */
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

  /** Why an attempt failed. */
  static @Nullable Throwable failure(HandlerOutcome outcome) {
    Failed gravest = gravest(outcome);
    return gravest == null ? null : gravest.failure();
  }

  /** Why an event was not acknowledged: what Kafka says, where it said something. */
  static Throwable failure(PublishException why) {
    Throwable cause = why.getCause();
    return cause == null ? why : cause;
  }

  /** As Micrometer's own handler of observations names it. */
  static String error(@Nullable Throwable failure) {
    if (failure == null) {
      return "none";
    }
    String simple = failure.getClass().getSimpleName();
    return simple.isEmpty() ? failure.getClass().getName() : simple;
  }
}
