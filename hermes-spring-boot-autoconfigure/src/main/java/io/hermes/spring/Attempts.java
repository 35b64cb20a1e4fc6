package io.hermes.spring;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.UnknownTopicException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects on its own thread and retries until it succeeds, so the application starts even without
 * Kafka. Thread-safe.
 */
final class Attempts {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  /** One attempt to connect. */
  @FunctionalInterface
  interface Attempt {

    /**
     * Connects.
     *
     * @throws HermesException if that failed; the attempt is repeated
     */
    void run();
  }

  private final String owner;
  private final Attempt attempt;
  private final Thread thread;
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile @Nullable HermesException failure;
  private volatile Instant since = Instant.EPOCH;
  private volatile boolean ended;

  /**
   * Creates the attempts without starting them.
   *
   * @param owner what connects, for log lines
   * @param attempt connects once
   */
  Attempts(String owner, Attempt attempt) {
    this.owner = owner;
    this.attempt = attempt;
    this.thread = new Thread(this::run, "hermes-connect");
    thread.setDaemon(true);
  }

  void begin() {
    thread.start();
  }

  private void run() {
    Duration wait = Duration.ofMillis(500);
    try {
      while (!ended && !succeeds()) {
        Thread.sleep(wait.toMillis());
        wait = wait.multipliedBy(2);
        wait = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
      }
    } catch (InterruptedException e) {
      // Ended.
    } finally {
      first.countDown();
    }
  }

  private boolean succeeds() {
    try {
      attempt.run();
      if (failure != null) {
        LOG.info("{}: connected", owner);
      }
      failure = null;
      return true;
    } catch (HermesException e) {
      return ended || failed(e);
    } catch (RuntimeException e) { // thrown by the application's code, such as a KafkaClients bean
      return ended || failed(new HermesException("An attempt to connect threw " + e, e));
    } finally {
      first.countDown();
    }
  }

  /** Records a failed attempt; always returns false. */
  private boolean failed(HermesException e) {
    HermesException before = failure;
    if (before == null) {
      since = Instant.now();
    }
    if (before == null || !isTheSame(before, e)) {
      LOG.warn("{}: cannot connect and keeps trying. {}", owner, SpringWords.of(e.getMessage()));
    }
    failure = e;
    return false;
  }

  /**
   * Whether a failure needs no log line of its own. Messages about a missing broker differ in
   * details.
   */
  private static boolean isTheSame(HermesException before, HermesException now) {
    return (before instanceof BrokerUnavailableException
            && now instanceof BrokerUnavailableException)
        || Objects.equals(before.getMessage(), now.getMessage());
  }

  /** Ends the attempts, and interrupts one that is running. */
  void end() {
    ended = true;
    thread.interrupt();
  }

  /** Waits until the first attempt has succeeded or failed, at most for {@code longest}. */
  void awaitFirst(Duration longest) {
    try {
      var unused = first.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns why the last attempt failed; null if it did not. */
  @Nullable HermesException failure() {
    return failure;
  }

  /** Returns the failure as a fault, for health. */
  List<Fault> faults() {
    HermesException last = failure;
    return last == null
        ? List.of()
        : List.of(
            Fault.of(
                    kind(last),
                    SpringWords.of(last.problem()),
                    last.advice().map(advice -> SpringWords.of(advice) + " ").orElse("")
                        + "Hermes keeps trying.")
                .since(since));
  }

  private static Fault.Kind kind(HermesException failure) {
    if (failure instanceof BrokerUnavailableException) {
      return Fault.Kind.BROKERS;
    }
    if (failure instanceof UnknownTopicException) {
      return Fault.Kind.TOPIC;
    }
    return failure instanceof AccessException ? Fault.Kind.ACCESS : Fault.Kind.KAFKA;
  }
}
