package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a record after an attempt. Called by the thread that holds the record. Each
 * method takes the record over, leaves its assignment, and returns the next record of the key if it
 * may be handled now. A worker handles that record; any other caller adds it to the ready records.
 *
 * <p>The guarantees rest on the order of these steps: add the completion, leave the assignment (so
 * that a thread that waits for the assignment to empty finds every completion), take the next
 * record of the key.
 */
final class Outcomes {

  private final KeyQueues queues;
  private final Slots slots;
  private final Completions completions;
  private final ErrorPolicy policy;
  private final Timer timer;
  private final DeadLetterOutlet deadLetters;
  private final Observers observers;
  private final Counters counters;
  private final FailureLog log;
  private final Consumer<Throwable> stop;

  /** What outcomes act on. */
  record Targets(
      KeyQueues queues,
      Slots slots,
      Completions completions,
      Timer timer,
      DeadLetterOutlet deadLetters,
      Observers observers,
      Counters counters,
      FailureLog log,
      Consumer<Throwable> stop) {}

  Outcomes(ErrorPolicy policy, Targets targets) {
    this.policy = policy;
    this.queues = targets.queues;
    this.slots = targets.slots;
    this.completions = targets.completions;
    this.timer = targets.timer;
    this.deadLetters = targets.deadLetters;
    this.observers = targets.observers;
    this.counters = targets.counters;
    this.log = targets.log;
    this.stop = targets.stop;
  }

  /** The next record of the key after one that is done; null if there is none. */
  @Nullable WorkItem next(WorkItem over) {
    return queues.finished(over);
  }

  /** Acks a handled record. */
  @Nullable WorkItem finish(WorkItem item) {
    endAttempt(item);
    return ack(item);
  }

  /**
   * Acks a record without ending its attempt, which has ended, or is shared with a batch that other
   * threads may still handle.
   */
  private @Nullable WorkItem ack(WorkItem item) {
    completions.add(item);
    item.assignment().leave();
    return next(item);
  }

  /** No longer ours: the next owner of the partition handles it. */
  private @Nullable WorkItem drop(WorkItem item) {
    item.assignment().leave();
    return next(item);
  }

  /** Applies the error policy to a failed attempt. */
  @Nullable WorkItem failed(WorkItem item, Throwable failure) {
    if (item.assignment().isExpired()) {
      item.failed(failure, null);
      return drop(item); // an interrupt by a revoke or close is not a failed attempt
    }
    counters.failed.increment();
    long now = System.nanoTime();
    item.failures++;
    if (item.failures == 1) {
      item.firstFailureNs = now;
    }
    Decision decision;
    long waitNs = 0;
    Scope scope = item.openScope();
    try {
      decision = policy.decide(failure, item.failures, now - item.firstFailureNs);
      if (decision == Decision.RETRY) {
        waitNs = policy.backoffNs(item.failures);
        retried(item, failure, Duration.ofMillis(waitNs / 1_000_000));
      } else if (decision == Decision.SKIP) {
        skipped(item, failure);
      }
    } finally {
      scope.close();
    }
    item.failed(failure, decision);
    return carryOut(decision, item, failure, waitNs);
  }

  private @Nullable WorkItem carryOut(
      Decision decision, WorkItem item, Throwable failure, long waitNs) {
    switch (decision) {
      case RETRY -> {
        parkUntilRetry(item, waitNs); // its key waits; the worker is free for other keys
        return null;
      }
      case DEAD_LETTER -> {
        deadLetter(item, failure);
        return null;
      }
      case SKIP -> {
        return ack(item);
      }
      default -> {
        stop(
            new HermesException(
                item + " failed, and the error policy is to stop.",
                "Correct the cause and restart; the record is redelivered.",
                failure));
        item.assignment().leave();
        return null; // its key stays blocked: nothing after it is handled
      }
    }
  }

  private void retried(WorkItem item, Throwable failure, Duration wait) {
    int attempt = item.failures;
    counters.retried.increment();
    log.retried(item, failure, wait);
    observers.report(listener -> listener.retried(item.undecoded(), attempt, failure, wait));
  }

  private void skipped(WorkItem item, Throwable failure) {
    counters.skipped.increment();
    log.skipped(item, failure);
    observers.report(listener -> listener.skipped(item.undecoded(), failure));
  }

  private static void endAttempt(WorkItem item) {
    if (item.attempt != null) {
      item.attempt.end();
    }
  }

  private void parkUntilRetry(WorkItem item, long waitNs) {
    Assignment assignment = item.assignment();
    assignment.parked().incrementAndGet();
    assignment.leave();
    timer.after(
        waitNs,
        () -> {
          assignment.parked().decrementAndGet();
          queues.ready(item);
          slots.wake(1);
        });
  }

  /**
   * Sends the record to the dead-letter topic. It stays inside its assignment until the send is
   * acknowledged, or has failed and waits to be repeated.
   */
  void deadLetter(WorkItem item, Throwable cause) {
    if (item.deadLetterCause == null) {
      item.deadLetterCause = cause;
      item.assignment().waitingDeadLetters().incrementAndGet();
    }
    String why = Thrown.describe(cause); // calls user code, so not on Kafka's I/O thread
    Scope scope = item.openSendingScope();
    try {
      deadLetters.send(
          item,
          cause,
          new DeadLetterOutlet.Written() {
            @Override
            public void acknowledged() {
              try {
                item.assignment().waitingDeadLetters().decrementAndGet();
                deadLettered(item, cause, why);
                makeReady(ack(item));
              } catch (Throwable e) {
                stop(e); // otherwise Kafka's I/O thread dies and the key waits forever
              }
            }

            @Override
            public void failed(long retryInNs) {
              parkUntilRetry(item, retryInNs);
            }
          });
    } finally {
      scope.close();
    }
  }

  private void deadLettered(WorkItem item, Throwable cause, String why) {
    counters.deadLettered.increment();
    Scope scope = item.openScope();
    try {
      log.deadLettered(item, why);
      observers.report(listener -> listener.deadLettered(item.undecoded(), cause));
    } finally {
      scope.close();
    }
  }

  /** An asynchronous handler ended, on a thread that is not a worker; frees its slot. */
  void settle(WorkItem item, @Nullable Throwable failure) {
    try {
      WorkItem next = failure == null ? finish(item) : failed(item, failure);
      if (next != null) {
        queues.ready(next);
      }
    } catch (Throwable e) {
      stop(e); // otherwise the stage swallows it and the record waits forever
    } finally {
      slots.giveBack();
    }
  }

  private void makeReady(@Nullable WorkItem next) {
    if (next != null) {
      queues.ready(next);
      slots.wake(1);
    }
  }

  /** The head and the records right after it with the same route, {@code most} at most. */
  List<WorkItem> alike(WorkItem head, int most) {
    List<WorkItem> items = queues.from(head, most);
    int same = 1;
    while (same < items.size() && items.get(same).route == head.route) {
      same++;
    }
    return items.subList(0, same);
  }

  /** Acks all records of a batch, of which only the head has entered the assignment. */
  @Nullable WorkItem finishBatch(List<WorkItem> items) {
    endAttempt(items.get(0));
    items.forEach(completions::add);
    items.get(0).assignment().leave();
    return next(items.get(items.size() - 1));
  }

  /** Acks the records before the failed one, which becomes the head. */
  @Nullable WorkItem failedWithin(List<WorkItem> items, int failed, Throwable failure) {
    items.subList(0, failed).forEach(completions::add);
    var unused = next(items.get(failed - 1)); // returns the failed one
    return failed(items.get(failed), failure);
  }

  /** Acks all but the failed records, each of which continues alone: no other waits for it. */
  @Nullable WorkItem failedSingly(List<WorkItem> items, Map<Integer, Throwable> failures) {
    WorkItem next = next(items.get(items.size() - 1)); // before one of them is parked
    ObservedAttempt attempt = items.get(0).attempt;
    if (attempt != null) {
      attempt.awaitDecisions(failures.size());
    }
    for (int i = 0; i < items.size(); i++) {
      WorkItem item = items.get(i);
      Throwable cause = failures.get(i);
      if (cause == null) {
        completions.add(item);
        continue;
      }
      item.key = null;
      item.next = null; // otherwise it keeps all successors reachable while it is retried
      if (item.assignment().tryEnter()) {
        var unused = failed(item, cause); // nothing follows it
      } else {
        item.failed(cause, null);
      }
    }
    items.get(0).assignment().leave();
    return next;
  }

  void stop(Throwable cause) {
    stop.accept(cause);
  }
}
