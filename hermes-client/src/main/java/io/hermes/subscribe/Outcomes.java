package io.hermes.subscribe;

import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
import io.hermes.subscribe.TaskRunner.Fate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a record after its turn. Called by who has the record, on any thread; each method
 * takes it from its caller and lets it leave its assignment.
 *
 * <p>The order of steps is what the guarantees rest on: first the completion, then the leaving (so
 * that who waits for those inside finds every completion), then the key's next.
 */
final class Outcomes {

  private final KeyQueues queues;
  private final Workers workers;
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
      Workers workers,
      Completions completions,
      Timer timer,
      DeadLetters deadLetters,
      Events events,
      FailureLog log,
      Consumer<Throwable> stop) {}

  Outcomes(ErrorPolicy policy, Targets targets) {
    this.policy = policy;
    this.queues = targets.queues;
    this.workers = targets.workers;
    this.completions = targets.completions;
    this.timer = targets.timer;
    this.deadLetters = targets.deadLetters;
    this.events = targets.events;
    this.log = targets.log;
    this.stop = targets.stop;
  }

  /** Acks it. */
  Fate finish(Task task) {
    completions.add(task);
    task.assignment().leave();
    return Fate.OVER;
  }

  /** Not ours any more: the next owner of the partition handles it. */
  private static Fate drop(Task task) {
    task.assignment().leave();
    return Fate.OVER;
  }

  /** An attempt failed: the policy decides. */
  Fate failed(Task task, Throwable failure) {
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
        return retryLater(task, failure);
      }
      case DEAD_LETTER -> {
        return deadLetter(task, failure);
      }
      case SKIP -> {
        log.skipped(task, failure);
        events.tell(listener -> listener.skipped(TaskRunner.recordOf(task), failure));
        return finish(task);
      }
      default -> {
        stop(new HermesException(task + " was not handled, and the policy is to stop.", failure));
        task.assignment().leave();
        return Fate.ELSEWHERE; // its key stays blocked: nothing after it is handled
      }
    }
  }

  /** Its key waits; a worker is free for others. */
  private Fate retryLater(Task task, Throwable failure) {
    long waitNs = policy.backoffNs(task.failures);
    int attempt = task.failures;
    Duration wait = TaskRunner.rounded(waitNs);
    log.retried(task, failure, wait);
    events.tell(listener -> listener.retried(TaskRunner.recordOf(task), attempt, failure, wait));
    parkUntilRetry(task, waitNs);
    return Fate.ELSEWHERE;
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
          workers.wake(1);
        });
  }

  /**
   * It stays inside until the dead letter is acknowledged, or failed and waits to be sent again.
   */
  Fate deadLetter(Task task, Throwable cause) {
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
            EventRecord<?> record = TaskRunner.recordOf(task);
            log.deadLettered(task, why);
            events.tell(listener -> listener.deadLettered(record, cause));
            finish(task);
            goOnWith(queues.finished(task));
          }

          @Override
          public void failed(long retryInNs) {
            parkUntilRetry(task, retryInNs);
          }
        });
    return Fate.ELSEWHERE;
  }

  /** An asynchronous handler ended, on a thread that is not for handlers; its slot is free. */
  void settle(Task task, @Nullable Throwable failure) {
    try {
      Fate fate = failure == null ? finish(task) : failed(task, failure);
      if (fate == Fate.OVER) {
        Task next = queues.finished(task);
        if (next != null) {
          queues.ready(next);
        }
      }
    } catch (Throwable e) {
      stop(e); // or the stage would keep it to itself, and the record would wait for ever
    } finally {
      workers.giveBackSlot();
    }
  }

  private void goOnWith(@Nullable Task next) {
    if (next != null) {
      queues.ready(next);
      workers.wake(1);
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
  Fate finishBatch(List<Task> tasks) {
    tasks.forEach(completions::add);
    tasks.get(0).assignment().leave();
    goOnWith(queues.finished(tasks.get(tasks.size() - 1)));
    return Fate.ELSEWHERE;
  }

  /** Acks those before the failed one, which takes the place of the head. */
  Fate failedWithin(List<Task> tasks, int failed, Throwable failure) {
    tasks.subList(0, failed).forEach(completions::add);
    queues.finished(tasks.get(failed - 1));
    Task head = tasks.get(failed);
    if (failed(head, failure) == Fate.OVER) {
      goOnWith(queues.finished(head));
    }
    return Fate.ELSEWHERE;
  }

  /** Acks all but those that failed, each of which goes on alone: nothing waits for it. */
  Fate failedSingly(List<Task> tasks, Map<Integer, Throwable> failures) {
    Task next = queues.finished(tasks.get(tasks.size() - 1)); // before one of them is parked
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
        failed(task, cause);
      }
    }
    tasks.get(0).assignment().leave();
    goOnWith(next);
    return Fate.ELSEWHERE;
  }

  void stop(Throwable cause) {
    stop.accept(cause);
  }
}
