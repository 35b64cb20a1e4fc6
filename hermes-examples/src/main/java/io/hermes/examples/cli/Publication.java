package io.hermes.examples.cli;

import io.hermes.HermesException;
import io.hermes.events.v1.UserEvent;
import io.hermes.examples.SampleEvents;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events one after the other and counts their outcomes. The command's thread publishes;
 * the publisher's acknowledgement thread counts, and prints receipts.
 */
final class Publication {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration DELIVERY = Duration.ofMinutes(2); // the publisher's own limit

  private final Console console;
  private final Stop stop;
  private final HermesPublisher<UserEvent> publisher;
  private final Progress progress;
  private final boolean verbose;

  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Duration taken = Duration.ZERO;
  private long published;

  /**
   * A publication.
   *
   * @param verbose prints a line for each receipt
   */
  Publication(
      Console console,
      Stop stop,
      HermesPublisher<UserEvent> publisher,
      Progress progress,
      boolean verbose) {
    this.console = console;
    this.stop = stop;
    this.publisher = publisher;
    this.progress = progress;
    this.verbose = verbose;
  }

  /**
   * Publishes, until there are enough or one fails, and waits for the acknowledgements.
   *
   * @param most how many
   * @param rate how many a second; null for no limit
   * @throws HermesException what the first event that failed got
   */
  void run(SampleEvents events, long most, @Nullable Double rate) {
    long startNs = System.nanoTime();
    while (published < most && failure.get() == null && isItsTime(startNs, rate)) {
      UserEvent event = events.next();
      published++;
      var unused = // flush() waits for it
          publisher
              .publish(event)
              .whenComplete((receipt, failed) -> settle(event, receipt, failed));
    }
    try {
      publisher.flush(stop.isRequested() || failure.get() != null ? PATIENCE : DELIVERY);
    } catch (HermesException e) {
      failure.compareAndSet(null, e);
    }
    taken = Duration.ofNanos(System.nanoTime() - startNs);
  }

  /** Waits until the next event is due. False if it is none any more. */
  private boolean isItsTime(long startNs, @Nullable Double rate) {
    if (verbose && published % 100 == 0 && console.readerIsGone()) {
      return false;
    }
    if (rate == null) {
      return !stop.isRequested();
    }
    long dueNs = (long) (published * 1e9 / rate);
    return !stop.await(dueNs - (System.nanoTime() - startNs), TimeUnit.NANOSECONDS);
  }

  private void settle(UserEvent event, @Nullable Receipt receipt, @Nullable Throwable failed) {
    progress.step();
    if (receipt == null) {
      failure.compareAndSet(null, failed);
      return;
    }
    acknowledged.increment();
    bytes.add(receipt.keyBytes() + receipt.valueBytes());
    if (verbose) {
      console
          .out()
          .println(
              receipt.topic()
                  + "-"
                  + receipt.partition()
                  + "@"
                  + receipt.offset()
                  + "  "
                  + Text.time(receipt.timestamp())
                  + "  key "
                  + event.getUserId()
                  + "  "
                  + event.getEventType()
                  + "  "
                  + Units.bytes(receipt.valueBytes()));
    }
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  /** Keys and values, plain. */
  long bytes() {
    return bytes.sum();
  }

  Duration taken() {
    return taken;
  }

  /** How many were published and have no acknowledgement. */
  long missing() {
    return published - acknowledged.sum();
  }

  /** Throws what the first event that failed got; does nothing if none did. */
  void throwFailure() {
    Throwable first = failure.get();
    if (first == null) {
      return;
    }
    Throwable cause =
        first instanceof CompletionException && first.getCause() != null ? first.getCause() : first;
    throw cause instanceof HermesException known
        ? known
        : new HermesException(String.valueOf(cause.getMessage()), cause);
  }
}
