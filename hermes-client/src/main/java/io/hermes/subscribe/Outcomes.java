package io.hermes.subscribe;

import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
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
  private final DeadLetters deadLetters;
  private final Events events;
  private final FailureLog log;
  private final Consumer<Throwable> stop;

  /** What the outcomes lead to. */
  record Targets(
      KeyQueues queues,
      Slots slots,
      Completions completions,
      Timer timer,
      DeadLetters deadLetters,
      Events events,
      FailureLog log,
      Consumer<Throwable> stop) {}

  Outcomes(ErrorPolicy policy, Targets targets) {
    this.policy = policy;
    this.queues = targets.queues;
    this.slots = targets.slots;
    this.completions = targets.completions;
    this.timer = targets.timer;
    this.deadLetters = targets.deadLetters;
    this.events = targets.events;
    this.log = targets.log;
    this.stop = targets.stop;
  }

  /** The key's next, behind one that is over; null if there is none. */
  @Nullable Task next(Task over) {
    return queues.finished(over);
  }

  /** Acks it. */
  @Nullable Task finish(Task task) {
    completions.add(task);
    task.assignment().leave();
    return next(task);
  }

  /** Not ours any more: the next owner of the partition handles it. */
  private @Nullable Task drop(Task task) {
    task.assignment().leave();
    return next(task);
  }

  /** An attempt failed: the policy decides. */
  @Nullable Task failed(Task task, Throwable failure) {
    if (task.assignment().isExpired()) {
      return drop(task); // the interrupt of a revoke or close is no attempt
    }
    long now = System.nanoTime();
    task.failures++;
    if (task.failures == 1) {
      task.firstFailureNs = now;
    }
    switch (policy.decide(failure, task.failures, now - task.firstFailureNs)) {
      case RETRY -> {
        retryLater(task, failure);
        return null;
      }
      case DEAD_LETTER -> {
        deadLetter(task, failure);
        return null;
      }
      case SKIP -> {
        log.skipped(task, failure);
        events.tell(listener -> listener.skipped(task.undecoded(), failure));
        return finish(task);
      }
      default -> {
        stop(new HermesException(task + " was not handled, and the policy is to stop.", failure));
        task.assignment().leave();
        return null; // its key stays blocked: nothing after it is handled
      }
    }
  }

  /** Its key waits; a worker is free for others. */
  private void retryLater(Task task, Throwable failure) {
    long waitNs = policy.backoffNs(task.failures);
    int attempt = task.failures;
    Duration wait = Duration.ofMillis(waitNs / 1_000_000);
    log.retried(task, failure, wait);
    events.tell(listener -> listener.retried(task.undecoded(), attempt, failure, wait));
    parkUntilRetry(task, waitNs);
  }

  private void parkUntilRetry(Task task, long waitNs) {
    Assignment assignment = task.assignment();
    assignment.parked().incrementAndGet();
    assignment.leave();
    timer.after(
        waitNs,
        () -> {
          assignment.parked().decrementAndGet();
          queues.ready(task);
          slots.wake(1);
        });
  }

  /**
   * It stays inside until the dead letter is acknowledged, or failed and waits to be sent again.
   */
  void deadLetter(Task task, Throwable cause) {
    if (task.deadLetterCause == null) {
      task.deadLetterCause = cause;
      task.assignment().waitingDeadLetters().incrementAndGet();
    }
    String why = Thrown.describe(cause); // here, not on Kafka's I/O thread: it calls user code
    deadLetters.send(
        task,
        cause,
        new DeadLetters.Written() {
          @Override
          public void acknowledged() {
            task.assignment().waitingDeadLetters().decrementAndGet();
            EventRecord<?> record = task.undecoded();
            log.deadLettered(task, why);
            events.tell(listener -> listener.deadLettered(record, cause));
            makeReady(finish(task));
          }

          @Override
          public void failed(long retryInNs) {
            parkUntilRetry(task, retryInNs);
          }
        });
  }

  /** An asynchronous handler ended, on a thread that is not for handlers; its slot is free. */
  void settle(Task task, @Nullable Throwable failure) {
    try {
      Task next = failure == null ? finish(task) : failed(task, failure);
      if (next != null) {
        queues.ready(next);
      }
    } catch (Throwable e) {
      stop(e); // or the stage would keep it to itself, and the record would wait for ever
    } finally {
      slots.giveBack();
    }
  }

  private void makeReady(@Nullable Task next) {
    if (next != null) {
      queues.ready(next);
      slots.wake(1);
    }
  }

  /** The head and what follows it with the same route, at most so many. */
  List<Task> alike(Task head, int most) {
    List<Task> tasks = queues.from(head, most);
    int same = 1;
    while (same < tasks.size() && tasks.get(same).route == head.route) {
      same++;
    }
    return tasks.subList(0, same);
  }

  /** Acks all of a batch, whose head alone has entered. */
  @Nullable Task finishBatch(List<Task> tasks) {
    tasks.forEach(completions::add);
    tasks.get(0).assignment().leave();
    return next(tasks.get(tasks.size() - 1));
  }

  /** Acks those before the failed one, which takes the place of the head. */
  @Nullable Task failedWithin(List<Task> tasks, int failed, Throwable failure) {
    tasks.subList(0, failed).forEach(completions::add);
    var unused = next(tasks.get(failed - 1)); // the failed one
    return failed(tasks.get(failed), failure);
  }

  /** Acks all but those that failed, each of which goes on alone: nothing waits for it. */
  @Nullable Task failedSingly(List<Task> tasks, Map<Integer, Throwable> failures) {
    Task next = next(tasks.get(tasks.size() - 1)); // before one of them is parked
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      Throwable cause = failures.get(i);
      if (cause == null) {
        completions.add(task);
        continue;
      }
      task.key = null;
      task.next = null; // or it keeps all that ever follow it, for as long as it is retried
      if (task.assignment().tryEnter()) {
        var unused = failed(task, cause); // nothing follows it
      }
    }
    tasks.get(0).assignment().leave();
    return next;
  }

  void stop(Throwable cause) {
    stop.accept(cause);
  }
}
