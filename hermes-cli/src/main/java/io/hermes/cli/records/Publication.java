package io.hermes.cli.records;

import com.google.gson.JsonObject;
import io.hermes.HermesException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.BulkResult;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events one after another and counts their outcomes. The command's thread publishes; the
 * publisher's acknowledgement thread counts, and prints receipts.
 */
final class Publication {

  /** Shows receipts as they arrive. */
  enum Receipts {
    NONE,
    TEXT,
    JSON
  }

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration DELIVERY = Duration.ofMinutes(2); // the publisher's own limit

  private final Console console;
  private final Stop stop;
  private final HermesPublisher<UserEvent> publisher;
  private final Progress progress;
  private final Receipts receipts;

  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Duration taken = Duration.ZERO;
  private long published;

  /**
   * A publication.
   *
   * @param receipts shows each receipt
   */
  Publication(
      Console console,
      Stop stop,
      HermesPublisher<UserEvent> publisher,
      Progress progress,
      Receipts receipts) {
    this.console = console;
    this.stop = stop;
    this.publisher = publisher;
    this.progress = progress;
    this.receipts = receipts;
  }

  /**
   * Publishes until the number is reached or an event fails, and waits for the acknowledgements.
   *
   * @param most the number of events
   * @param rate how many a second; null for no limit
   */
  void run(SampleEvents events, long most, @Nullable Double rate) {
    long startNs = System.nanoTime();
    Iterator<UserEvent> source = source(events, most, rate, startNs);
    if (receipts == Receipts.NONE) {
      publishAll(source);
    } else {
      publishEach(source);
    }
    taken = Duration.ofNanos(System.nanoTime() - startNs);
  }

  private Iterator<UserEvent> source(
      SampleEvents events, long most, @Nullable Double rate, long startNs) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return published < most && failure.get() == null && isItsTime(startNs, rate);
      }

      @Override
      public UserEvent next() {
        published++;
        return events.next();
      }
    };
  }

  /** Publishes with a single result for all events, if receipts are not shown. */
  private void publishAll(Iterator<UserEvent> source) {
    CompletableFuture<BulkResult> end = publisher.publishAll(counted(source));
    try {
      end.get(patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      publisher.close(Duration.ZERO); // which ends the events in flight with an unknown outcome
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      publisher.close(Duration.ZERO);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A bulk always has a result.", e);
    }
    BulkResult result = end.join();
    acknowledged.add(result.acknowledged());
    result.stopped().ifPresent(why -> failure.compareAndSet(null, why));
    if (!result.failures().isEmpty()) {
      failure.compareAndSet(null, result.failures().get(0).exception());
    }
  }

  private Iterator<UserEvent> counted(Iterator<UserEvent> source) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return source.hasNext();
      }

      @Override
      public UserEvent next() {
        UserEvent event = source.next();
        bytes.add(event.getUserId().length() + event.getSerializedSize());
        progress.step();
        return event;
      }
    };
  }

  private void publishEach(Iterator<UserEvent> source) {
    while (source.hasNext()) {
      UserEvent event = source.next();
      var unused = // flush() waits for it
          publisher
              .publish(event)
              .whenComplete((receipt, failed) -> settle(event, receipt, failed));
    }
    try {
      publisher.flush(patience());
    } catch (HermesException e) {
      failure.compareAndSet(null, e);
    }
  }

  private Duration patience() {
    return stop.isRequested() || failure.get() != null ? PATIENCE : DELIVERY;
  }

  /** Waits until the next event is due. Returns false if there is no next event. */
  private boolean isItsTime(long startNs, @Nullable Double rate) {
    if (receipts != Receipts.NONE && published % 100 == 0 && console.outputEnded()) {
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
    switch (receipts) {
      case TEXT -> console.out().println(text(event, receipt));
      case JSON -> OutputOption.print(console, json(event, receipt));
      case NONE -> {}
    }
  }

  private static String text(UserEvent event, Receipt receipt) {
    return receipt.topic()
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
        + Units.bytes(receipt.valueBytes());
  }

  /** Uses the same names as consume. */
  private static JsonObject json(UserEvent event, Receipt receipt) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", receipt.topic());
    json.addProperty("partition", receipt.partition());
    json.addProperty("offset", receipt.offset());
    json.addProperty("timestamp", Text.time(receipt.timestamp()));
    json.addProperty("key", event.getUserId());
    json.addProperty("eventType", event.getEventType().name());
    json.addProperty("keyBytes", receipt.keyBytes());
    json.addProperty("valueBytes", receipt.valueBytes());
    return json;
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  /** The size of keys and values, uncompressed. */
  long bytes() {
    return bytes.sum();
  }

  Duration taken() {
    return taken;
  }

  /** The number of published events without an acknowledgement. */
  long missing() {
    return published - acknowledged.sum();
  }

  /** Throws the exception of the first failed event; does nothing if none failed. */
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
