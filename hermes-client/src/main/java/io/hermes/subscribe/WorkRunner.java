package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.UndecodableEventException;
import io.hermes.kafka.Thrown;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Takes a record through its handling: enters the assignment, finds the handler, decodes, handles,
 * and applies the error policy to a failure. Any worker may call it.
 *
 * <p>Every path ends in exactly one of these: {@link Outcomes#finish} (acked), {@link
 * Outcomes#failed} (retried later, dead-lettered, skipped, or given up with its partition) or
 * {@link Outcomes#deadLetter} for a dead-letter record that is sent again. The result is the record
 * that the worker takes next; null if it may take any ready record.
 */
final class WorkRunner {

  private final Outcomes outcomes;
  private final Observers observers;
  private final Counters counters;

  WorkRunner(Outcomes outcomes, Observers observers, Counters counters) {
    this.outcomes = outcomes;
    this.observers = observers;
    this.counters = counters;
  }

  /** This class itself failed: stops the subscriber, since its state can no longer be trusted. */
  void broken(Throwable failure) {
    outcomes.stop(failure);
  }

  /**
   * Handles a ready head, which this worker alone holds.
   *
   * @return the next record of the key, for this worker; null if it may take any ready record
   */
  @Nullable WorkItem run(WorkItem item, Worker worker) {
    if (!item.assignment().tryEnter()) {
      return outcomes.next(item); // revoked: it stays uncommitted, as do its successors
    }
    Throwable cause = item.deadLetterCause;
    if (cause != null) {
      outcomes.deadLetter(item, cause); // an earlier send failed
      return null;
    }
    Route route = item.route;
    if (route == null) {
      return refused(item, Routes.refusal(item.record));
    }
    Throwable refusal = item.refusal;
    if (refusal != null) {
      return refused(item, refusal);
    }
    if (route instanceof Route.Single<?> single) {
      return handle(single, item, worker);
    }
    if (route instanceof Route.Async<?> async) {
      return handle(async, item, worker);
    }
    if (route instanceof Route.Batch<?> batch) {
      return handle(batch, item, worker);
    }
    counters.ignored.increment();
    return outcomes.finish(item);
  }

  /** Counts as a failed attempt, although no handler is called. */
  private @Nullable WorkItem refused(WorkItem item, Throwable why) {
    follow(item, item.undecoded());
    return outcomes.failed(item, why);
  }

  private <M extends Message> @Nullable WorkItem handle(
      Route.Single<M> route, WorkItem item, Worker worker) {
    Throwable failure = null;
    EventRecord<M> record = record(item, route.decoder());
    worker.begin(item);
    follow(item, record);
    Scope scope = item.openScope();
    try {
      if (route.decodes()) {
        Objects.requireNonNull(record.event());
      }
      item.outputs = route.handler().handle(delivery(record, item));
    } catch (Throwable t) {
      failure = t;
    } finally {
      worker.end(item);
      item.handlerReturned();
      scope.close();
    }
    return failure == null ? outcomes.finish(item) : outcomes.failed(item, failure);
  }

  private <M extends Message> @Nullable WorkItem handle(
      Route.Async<M> route, WorkItem item, Worker worker) {
    Throwable failure = null;
    AsyncTurn turn = new AsyncTurn(item);
    EventRecord<M> record = record(item, route.decoder());
    worker.begin(item);
    follow(item, record);
    Scope scope = item.openScope();
    try {
      Objects.requireNonNull(record.event());
      CompletionStage<?> stage = route.handler().handle(delivery(record, item));
      Objects.requireNonNull(stage, "The asynchronous handler returned null instead of a stage.");
      // Not whenComplete: it wraps the exception in another one, which calls its toString.
      stage.handle(
          (result, thrown) -> {
            turn.completed(thrown);
            return null;
          });
    } catch (Throwable t) {
      failure = t;
    } finally {
      worker.end(item);
      scope.close();
    }
    if (failure != null) {
      item.handlerReturned();
      return outcomes.failed(item, failure);
    }
    if (turn.isLeftRunning()) {
      worker.leaveSlot(); // to the stage
      return null;
    }
    Throwable thrown = turn.thrown.get();
    return thrown == null ? outcomes.finish(item) : outcomes.failed(item, thrown);
  }

  /** Of worker and stage, the one that arrives last continues with the record. */
  private final class AsyncTurn {

    private final WorkItem item;
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();

    AsyncTurn(WorkItem item) {
      this.item = item;
    }

    /** Called once by the worker. Returns whether the stage is still incomplete. */
    boolean isLeftRunning() {
      return arrived.incrementAndGet() == 1;
    }

    void completed(@Nullable Throwable failure) {
      item.handlerReturned();
      thrown.set(failure == null ? null : withoutWrapper(failure));
      if (arrived.incrementAndGet() == 2) {
        Throwable cause = thrown.get();
        outcomes.settle(item, cause);
      }
    }
  }

  private static Throwable withoutWrapper(Throwable failure) {
    List<Throwable> causes = Thrown.causes(failure);
    return failure instanceof CompletionException && causes.size() > 1 ? causes.get(1) : failure;
  }

  private <M extends Message> @Nullable WorkItem handle(
      Route.Batch<M> route, WorkItem head, Worker worker) {
    List<WorkItem> items = outcomes.alike(head, route.most());
    List<EventRecord<M>> records = new ArrayList<>(items.size());
    items.forEach(item -> records.add(record(item, route.decoder())));
    worker.begin(head); // before decoding, which may be slow and must be interruptible
    int decoded = decode(records, items);
    Throwable refusal = head.refusal;
    if (refusal != null) {
      worker.end(head);
      return refused(head, refusal);
    }
    if (decoded < items.size()) { // the undecodable one becomes a head, and fails alone
      items = items.subList(0, Math.max(1, decoded));
    }
    follow(items, records.subList(0, items.size()));
    Throwable failure = null;
    BatchFailure batchFailure = null;
    Scope scope = head.openScope();
    try {
      List<Delivery<M>> deliveries = new ArrayList<>(items.size());
      for (int i = 0; i < items.size(); i++) {
        Objects.requireNonNull(records.get(i).event());
        deliveries.add(delivery(records.get(i), items.get(i)));
      }
      route.handler().handle(List.copyOf(deliveries));
    } catch (BatchFailure e) {
      if (e.failures().lastKey() >= items.size()) {
        failure = e; // it names an index outside this batch
      } else {
        batchFailure = e;
        failure = e.getCause() == null ? e : e.getCause();
      }
    } catch (Throwable t) {
      failure = t;
    } finally {
      worker.end(head);
      head.handlerReturned();
      scope.close();
    }
    if (failure == null) {
      return outcomes.finishBatch(items);
    }
    if (batchFailure != null && batchFailure.othersAreDone() && route.failsSingly()) {
      return outcomes.failedSingly(items, batchFailure.failures());
    }
    if (batchFailure == null || batchFailure.index() == 0) {
      return outcomes.failed(head, failure);
    }
    return outcomes.failedWithin(items, batchFailure.index(), failure);
  }

  /** The number of records before the first undecodable one, whose refusal is set. */
  private static int decode(List<? extends EventRecord<?>> records, List<WorkItem> items) {
    for (int i = 0; i < items.size(); i++) {
      try {
        Objects.requireNonNull(records.get(i).event());
      } catch (UndecodableEventException e) {
        items.get(i).refusal = e;
        return i;
      } catch (Throwable e) {
        return i; // such as an OutOfMemoryError: decoded again when it is a head
      }
    }
    return items.size();
  }

  private static <M extends Message> EventRecord<M> record(WorkItem item, Decoder<M> decoder) {
    return EventRecord.of(item.record, item.plain ? decoder.plain() : decoder.any());
  }

  private static <M extends Message> Delivery<M> delivery(EventRecord<M> record, WorkItem item) {
    return new Delivery<>(record, item.failures + 1, item.assignment().deadline(), item.attempt);
  }

  /** Begins an attempt. Allocates nothing if there are no observers. */
  private void follow(WorkItem item, EventRecord<?> record) {
    item.attempt =
        observers.followAttempts()
            ? observers.begin(List.of(record), item.failures + 1, false)
            : null;
  }

  /** Begins an attempt at a batch. Its number is that of the head, which the others wait for. */
  private void follow(List<WorkItem> items, List<? extends EventRecord<?>> records) {
    ObservedAttempt attempt =
        observers.followAttempts()
            ? observers.begin(records, items.get(0).failures + 1, true)
            : null;
    items.forEach(item -> item.attempt = attempt);
  }
}
