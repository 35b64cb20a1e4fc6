package io.hermes.cli.records;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberListener;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Shows records as a member of a group. It acks exactly the records that it shows, including those
 * that cannot be decoded. One worker handles all records; the command's thread waits.
 */
final class GroupConsumption implements SubscriberListener {

  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final Duration ENDLESS = Duration.ofDays(1);

  private final Console console;
  private final Stop stop;
  private final Output output;
  private final ZstdOptions zstd;
  private final CompletableFuture<HermesSubscriber> started = new CompletableFuture<>();
  private volatile boolean over; // written by the worker

  GroupConsumption(Console console, Stop stop, Output output, ZstdOptions zstd) {
    this.console = console;
    this.stop = stop;
    this.output = output;
    this.zstd = zstd;
  }

  /** Runs until the limit, Ctrl-C, or the end of the output's reader. */
  void run(
      List<Topic<DynamicMessage>> topics,
      KafkaSettings settings,
      String group,
      StartAt from,
      @Nullable MetricsEndpoint metrics) {
    SubscriberBuilder<Message> builder =
        HermesSubscriber.builder()
            .settings(MetricsEndpoint.metered(settings, metrics))
            .zstd(zstd)
            .group(group)
            .from(from)
            .order(ProcessingOrder.PARTITION)
            .concurrency(1)
            .onError(ErrorPolicy.retry(1).thenSkip().on(Enough.class, Decision.STOP))
            .listener(this);
    if (metrics != null) {
      builder.observer(metrics.metrics().subscriber());
    }
    Set<String> names = new HashSet<>();
    for (Topic<DynamicMessage> topic : topics) {
      builder.on(topic, this::show);
      if (names.add(topic.name())) {
        builder.onTombstone(topic, this::show);
      }
    }
    try (HermesSubscriber subscriber = builder.start()) {
      started.complete(subscriber);
      while (!subscriber.completion().isDone() && !stop.await(100, TimeUnit.MILLISECONDS)) {
        // the worker shows records, and closes at the limit
      }
      subscriber.close(CLOSE);
      subscriber.completion().join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      if (!(cause instanceof HermesException ended)) {
        throw e;
      }
      if (!(ended.getCause() instanceof Enough)) {
        throw ended;
      }
    }
  }

  private void show(Delivery<DynamicMessage> delivery) {
    show(delivery.record());
    while (over && delivery.remaining().compareTo(ENDLESS) > 0) {
      LockSupport.parkNanos(1_000_000); // this partition is not closed yet
    }
  }

  private void show(EventRecord<DynamicMessage> record) {
    if (over) {
      throw new Enough(); // records that are not shown must not be acked
    }
    boolean more = output.accept(record);
    boolean gone = console.outputEnded();
    if (!more || gone) {
      over = true;
      started.join().close(CLOSE); // on a worker it returns immediately
    }
    if (gone) {
      throw new Enough();
    }
  }

  @Override
  @SuppressWarnings("unchecked") // all contracts here are of dynamic messages
  public void skipped(EventRecord<?> record, Throwable failure) {
    if (!over) {
      show((EventRecord<DynamicMessage>) record);
      return;
    }
    // Returning would ack the record; after the end it must not be acked.
    started.join().completion().exceptionally(failed -> null).join();
  }

  /** Ends the subscriber without acking the current record. */
  private static final class Enough extends RuntimeException {

    private static final long serialVersionUID = 1L;
  }
}
