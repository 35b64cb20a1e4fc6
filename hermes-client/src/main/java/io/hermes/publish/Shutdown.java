package io.hermes.publish;

import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.Timeouts;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a publisher within a deadline. Safe for any thread; only the first call closes it. */
final class Shutdown {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final ReplaceableProducer producer;
  private final DeliveryWatch watch;
  private final Admission admission;
  private final Relay relay;
  private final Outstanding outstanding;
  private final AcknowledgementThread acknowledgements;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);

  Shutdown(
      ReplaceableProducer producer,
      DeliveryWatch watch,
      Admission admission,
      Relay relay,
      Outstanding outstanding,
      AcknowledgementThread acknowledgements) {
    this.producer = producer;
    this.watch = watch;
    this.admission = admission;
    this.relay = relay;
    this.outstanding = outstanding;
    this.acknowledgements = acknowledgements;
  }

  boolean hasBegun() {
    return begun.get();
  }

  /** Closes the publisher; an interrupt ends only the wait, and the flag stays set. */
  void run(Duration timeout) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    boolean interrupted = false;
    long startNs = System.nanoTime();
    if (begun.compareAndSet(false, true)) {
      interrupted = drain(deadlineNs);
      interrupted |= Thread.interrupted();
      watch.stop();
      interrupted |= closeProducer(interrupted ? System.nanoTime() : deadlineNs);
      LOG.info(
          "{}: closed in {} ms; events acknowledged or failed: {}",
          producer.owner(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs),
          relay.ended());
      ended.countDown();
    } else if (!acknowledgements.isCurrent()) {
      interrupted = awaitOtherCaller(deadlineNs);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** In a continuation it does not wait for events; Kafka's close() waits, until the deadline. */
  private boolean drain(long deadlineNs) {
    admission.close();
    if (acknowledgements.isCurrent()) {
      return false;
    }
    try {
      if (!admission.awaitEmpty(deadlineNs - System.nanoTime()) && relay.withoutOutcome() > 0) {
        LOG.warn(
            "{}: {} events had no outcome when the publisher was closed; they may or may not have"
                + " been written",
            producer.owner(),
            relay.withoutOutcome());
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  /**
   * Ends the events in flight, and waits for their continuations unless called in one. Returns
   * whether it was interrupted.
   */
  private boolean closeProducer(long deadlineNs) {
    Duration left = Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime()));
    boolean interrupted = false;
    try {
      if (!ProducerClose.await(producer.close(left), left)) {
        LOG.warn(
            "{}: Kafka's producer has not closed in time and continues closing in the background; {}"
                + " events end as unknown",
            producer.owner(),
            relay.withoutOutcome());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    producer.giveUp();
    acknowledgements.finish();
    if (acknowledgements.isCurrent()) {
      return interrupted;
    }
    if (interrupted) {
      acknowledgements.guard();
      return true;
    }
    return awaitContinuations(deadlineNs);
  }

  private boolean awaitContinuations(long deadlineNs) {
    boolean interrupted = false;
    boolean done = false;
    try {
      done = outstanding.await(deadlineNs - System.nanoTime());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (!done) {
      acknowledgements.guard();
    }
    return interrupted;
  }

  private boolean awaitOtherCaller(long deadlineNs) {
    try {
      if (!ended.await(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        LOG.warn("{}: the close() of another thread is still running", producer.owner());
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
