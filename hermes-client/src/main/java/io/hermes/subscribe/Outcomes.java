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
 * What happens to a record after its turn. Called by who has the record, on any thread; each method
 * takes it from its caller, lets it leave its assignment, and returns the key's next record where
 * there is one that may be handled now: the caller, if it is a worker, handles that, and otherwise
 * puts it among those that are ready.
 *
 * <p>The order of steps is what the guarantees rest on: first the completion, then the leaving (so
 * that who waits for those inside finds every completion), then the key's next.
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

  /** What the outcomes lead to. */
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

  /** The key's next, behind one that is over; null if there is none. */
  @Nullable WorkItem next(WorkItem over) {
    return queues.finished(over);
  }

  /** Acks one that was handled. */
  @Nullable WorkItem finish(WorkItem item) {
    endAttempt(item);
    return ack(item);
  }

  /**
   * Acks one whose attempt has ended, or ends with those of its batch: other threads may be at it.
   */
  private @Nullable WorkItem ack(WorkItem item) {
    completions.add(item);
    item.assignment().leave();
    return next(item);
  }

  /** Not ours any more: the next owner of the partition handles it. */
  private @Nullable WorkItem drop(WorkItem item) {
    item.assignment().leave();
    return next(item);
  }

  /** An attempt failed: the policy decides. */
  @Nullable WorkItem failed(WorkItem item, Throwable failure) {
    if (item.assignment().isExpired()) {
      item.failed(failure, null);
      return drop(item); // the interrupt of a revoke or close is no attempt
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
        parkUntilRetry(item, waitNs); // its key waits; a worker is free for others
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
    observers.tell(listener -> listener.retried(item.undecoded(), attempt, failure, wait));
  }

  private void skipped(WorkItem item, Throwable failure) {
    counters.skipped.increment();
    log.skipped(item, failure);
    observers.tell(listener -> listener.skipped(item.undecoded(), failure));
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
   * It stays inside until the dead letter is acknowledged, or failed and waits to be sent again.
   */
  void deadLetter(WorkItem item, Throwable cause) {
    if (item.deadLetterCause == null) {
      item.deadLetterCause = cause;
      item.assignment().waitingDeadLetters().incrementAndGet();
    }
    String why = Thrown.describe(cause); // here, not on Kafka's I/O thread: it calls user code
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
                stop(e); // or Kafka's I/O thread would end, and the key would wait forever
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
      observers.tell(listener -> listener.deadLettered(item.undecoded(), cause));
    } finally {
      scope.close();
    }
  }

  /** An asynchronous handler ended, on a thread that is not for handlers; its slot is free. */
  void settle(WorkItem item, @Nullable Throwable failure) {
    try {
      WorkItem next = failure == null ? finish(item) : failed(item, failure);
      if (next != null) {
        queues.ready(next);
      }
    } catch (Throwable e) {
      stop(e); // or the stage would keep it to itself, and the record would wait for ever
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

  /** The head and what follows it with the same route, at most so many. */
  List<WorkItem> alike(WorkItem head, int most) {
    List<WorkItem> items = queues.from(head, most);
    int same = 1;
    while (same < items.size() && items.get(same).route == head.route) {
      same++;
    }
    return items.subList(0, same);
  }

  /** Acks all of a batch, whose head alone has entered. */
  @Nullable WorkItem finishBatch(List<WorkItem> items) {
    endAttempt(items.get(0));
    items.forEach(completions::add);
    items.get(0).assignment().leave();
    return next(items.get(items.size() - 1));
  }

  /** Acks those before the failed one, which takes the place of the head. */
  @Nullable WorkItem failedWithin(List<WorkItem> items, int failed, Throwable failure) {
    items.subList(0, failed).forEach(completions::add);
    var unused = next(items.get(failed - 1)); // the failed one
    return failed(items.get(failed), failure);
  }

  /** Acks all but those that failed, each of which goes on alone: nothing waits for it. */
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
      item.next = null; // or it keeps all that ever follow it, for as long as it is retried
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
