package io.hermes.publish;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a publisher, within a deadline. Safe for any thread; the first caller does it. */
final class Shutdown {

  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  private final Producer<byte[], byte[]> producer;
  private final Admission admission;
  private final Outstanding outstanding;
  private final AcknowledgementThread acknowledgements;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);

  Shutdown(
      Producer<byte[], byte[]> producer,
      Admission admission,
      Outstanding outstanding,
      AcknowledgementThread acknowledgements) {
    this.producer = producer;
    this.admission = admission;
    this.outstanding = outstanding;
    this.acknowledgements = acknowledgements;
  }

  boolean hasBegun() {
    return begun.get();
  }

  /** Ends the publisher; an interrupt ends only the waiting, and stays set. */
  void run(Duration timeout) {
    long deadlineNs = System.nanoTime() + Math.max(0, timeout.toNanos());
    boolean interrupted = false;
    if (begun.compareAndSet(false, true)) {
      interrupted = drain(deadlineNs);
      // Kafka's close() must not be interrupted: it would leave its thread behind (KAFKA-16985).
      interrupted |= Thread.interrupted();
      closeProducer(interrupted ? 0 : Math.max(0, deadlineNs - System.nanoTime()));
      acknowledgements.finish();
      if (!acknowledgements.isCurrent()) {
        interrupted |= awaitContinuations(interrupted ? System.nanoTime() : deadlineNs);
      }
      ended.countDown();
    } else if (!acknowledgements.isCurrent()) {
      interrupted = awaitOtherCaller(deadlineNs);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean drain(long deadlineNs) {
    admission.close();
    try {
      if (!admission.awaitEmpty(deadlineNs - System.nanoTime())) {
        LOG.warn(
            "{} events had no outcome when the publisher was closed: it is unknown whether they are"
                + " written.",
            admission.records());
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void closeProducer(long leftNs) {
    try {
      producer.close(Duration.ofNanos(leftNs));
    } catch (KafkaException e) {
      LOG.warn("Kafka's producer did not close in order", e);
    }
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
      LOG.warn(
          "A continuation did not return; {} futures are completed on another thread.",
          outstanding.count());
      acknowledgements.takeOver();
    }
    return interrupted;
  }

  private boolean awaitOtherCaller(long deadlineNs) {
    try {
      if (!ended.await(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        LOG.warn("Another thread's close() is still under way.");
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
