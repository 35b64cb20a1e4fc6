package io.hermes.subscribe;

import io.hermes.SettingsException;
import io.hermes.UndecodableEventException;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What happens to a record whose handler failed. Immutable.
 *
 * <pre>{@code
 * ErrorPolicy.retry(5).backoff(ofMillis(100), ofSeconds(10)).thenDeadLetter()
 *     .on(InvalidOrderException.class, Decision.DEAD_LETTER)   // without a retry
 * }</pre>
 *
 * <p>A record that cannot be decoded is never retried: the final decision applies immediately. An
 * {@link Error} stops the subscriber, unless {@link #on} says otherwise.
 */
public final class ErrorPolicy {

  private static final ErrorPolicy DEFAULT = retry(5);

  private final int attempts;
  private final Duration first;
  private final Duration longest;
  private final Duration within;
  private final Decision last;
  private final Map<Class<? extends Throwable>, Decision> byType;

  private ErrorPolicy(
      int attempts,
      Duration first,
      Duration longest,
      Duration within,
      Decision last,
      Map<Class<? extends Throwable>, Decision> byType) {
    this.attempts = attempts;
    this.first = first;
    this.longest = longest;
    this.within = within;
    this.last = last;
    this.byType = byType;
  }

  /** The default: five attempts, 100 ms to 10 s apart, then the dead-letter topic. */
  public static ErrorPolicy standard() {
    return DEFAULT;
  }

  /**
   * Retries a record after 100 ms to 10 s, and writes it to the dead-letter topic after the last
   * attempt.
   *
   * @param attempts the maximum number of attempts, including the first; at least 1
   * @return the policy
   */
  public static ErrorPolicy retry(int attempts) {
    if (attempts < 1) {
      throw new SettingsException("attempts must be 1 or more, not " + attempts + ".", null);
    }
    return new ErrorPolicy(
        attempts,
        Duration.ofMillis(100),
        Duration.ofSeconds(10),
        Duration.ofNanos(Long.MAX_VALUE),
        Decision.DEAD_LETTER,
        Map.of());
  }

  /** Retries a record until it succeeds. Later records of its key wait until then. */
  public static ErrorPolicy retryForever() {
    return retry(Integer.MAX_VALUE);
  }

  /**
   * How long a record waits for its next attempt: exponential back-off with jitter. The wait
   * doubles with each attempt from {@code first} up to {@code longest}; the actual wait is random
   * between half of that and all of it, so records that failed together are not retried together.
   *
   * @param first longer than zero
   * @param longest at least as long as {@code first}
   * @return a new policy
   */
  public ErrorPolicy backoff(Duration first, Duration longest) {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new SettingsException(
          "backoff must be longer than zero, and the longest wait at least the first, not "
              + Words.duration(first)
              + " to "
              + Words.duration(longest)
              + ".",
          null);
    }
    return new ErrorPolicy(attempts, first, longest, within, last, byType);
  }

  /**
   * Limits the time for retries: once it has passed since the first failure, the next failure is
   * the last, however many attempts are left.
   *
   * @param limit longer than zero
   * @return a new policy
   */
  public ErrorPolicy within(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new SettingsException(
          "within must be longer than zero, not " + Words.duration(limit) + ".", null);
    }
    return new ErrorPolicy(attempts, first, longest, limit, last, byType);
  }

  /** After the last attempt, writes the record to the dead-letter topic. The default. */
  public ErrorPolicy thenDeadLetter() {
    return then(Decision.DEAD_LETTER);
  }

  /** After the last attempt, acks the record and logs its position. */
  public ErrorPolicy thenSkip() {
    return then(Decision.SKIP);
  }

  /** After the last attempt, closes the subscriber without acking the record. */
  public ErrorPolicy thenStop() {
    return then(Decision.STOP);
  }

  private ErrorPolicy then(Decision decision) {
    return new ErrorPolicy(attempts, first, longest, within, decision, byType);
  }

  /**
   * Sets the decision for an exception class. If several match, the one added first applies.
   *
   * @param type the exception's class or a superclass
   * @param decision what happens; {@link Decision#RETRY} stays within the limits of this policy
   * @return a new policy
   */
  public ErrorPolicy on(Class<? extends Throwable> type, Decision decision) {
    Map<Class<? extends Throwable>, Decision> more = new LinkedHashMap<>(byType);
    more.put(Objects.requireNonNull(type), Objects.requireNonNull(decision));
    return new ErrorPolicy(attempts, first, longest, within, last, more);
  }

  /** Whether this policy can send a record to the dead-letter topic. */
  boolean mayDeadLetter() {
    return last == Decision.DEAD_LETTER || byType.containsValue(Decision.DEAD_LETTER);
  }

  /**
   * Decides what happens after a failed attempt.
   *
   * @param failure what the handler threw
   * @param attempt the failed attempt, starting at 1
   * @param sinceFirstNs how long ago the first attempt failed
   */
  Decision decide(Throwable failure, int attempt, long sinceFirstNs) {
    Decision decision = classify(failure);
    if (decision != Decision.RETRY) {
      return decision;
    }
    boolean over = attempt >= attempts || sinceFirstNs >= Timeouts.nanos(within);
    return over ? last : Decision.RETRY;
  }

  private Decision classify(Throwable failure) {
    for (Map.Entry<Class<? extends Throwable>, Decision> entry : byType.entrySet()) {
      if (entry.getKey().isInstance(failure)) {
        return entry.getValue();
      }
    }
    if (failure instanceof Error) {
      return Decision.STOP;
    }
    return failure instanceof UndecodableEventException ? last : Decision.RETRY;
  }

  /**
   * How long to wait after a failed attempt.
   *
   * @param attempt the failed attempt, starting at 1
   */
  long backoffNs(int attempt) {
    long full = Timeouts.nanos(longest);
    int doublings = Math.min(attempt - 1, 62);
    long firstNs = Timeouts.nanos(first);
    if (firstNs <= full >> doublings) {
      full = firstNs << doublings;
    }
    return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("ErrorPolicy[");
    if (attempts == 1) {
      text.append("1 attempt");
    } else {
      text.append(attempts == Integer.MAX_VALUE ? "unlimited attempts" : attempts + " attempts");
      text.append(", ").append(Words.duration(first));
      text.append(" to ").append(Words.duration(longest)).append(" apart");
    }
    if (within.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0) {
      text.append(", within ").append(Words.duration(within));
    }
    text.append(", then ").append(last);
    byType.forEach(
        (type, decision) -> text.append("; ").append(type.getName()).append(": ").append(decision));
    return text.append(']').toString();
  }
}
