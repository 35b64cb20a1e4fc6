package io.hermes.subscribe;

import io.hermes.kafka.ObserverCalls;
import io.hermes.publish.OutgoingEvent;
import io.hermes.subscribe.HandlerOutcome.Failed;
import io.hermes.subscribe.SubscriberObserver.Attempt;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * An attempt with at least one observer. Used by the thread that holds the record, except for
 * {@link #open()} and {@link #sending}, which any thread may call.
 */
final class ObservedAttempt {

  private static final Scope NOTHING = () -> {};

  private final List<Attempt> following;
  private final ObserverCalls calls;
  private final long beginNs = System.nanoTime();
  private final List<Failed> failed = new ArrayList<>(1);
  private long tookNs;
  private int undecided = 1;
  private boolean ended;

  ObservedAttempt(List<Attempt> following, ObserverCalls calls) {
    this.following = following;
    this.calls = calls;
  }

  /** Opens each observer's scope on this thread. Close the returned scope on the same thread. */
  Scope open() {
    return open(Attempt::open);
  }

  /** Like {@link #open()}, for the sending of a dead letter or of a pipe's outputs. */
  Scope sending() {
    return open(Attempt::sending);
  }

  private Scope open(ObserverCalls.Question<Attempt, Scope> which) {
    List<Scope> open = new ArrayList<>(following.size());
    for (Attempt attempt : following) {
      Scope scope = calls.ask(attempt, which);
      open.add(scope == null ? NOTHING : scope);
    }
    return () -> {
      for (int i = open.size() - 1; i >= 0; i--) {
        calls.call(open.get(i), Scope::close);
      }
    };
  }

  /** The handler of a pipe emits an event, on this thread. */
  void emitting(OutgoingEvent event) {
    for (Attempt attempt : following) {
      calls.call(attempt, observer -> observer.emitting(event));
    }
  }

  /** An executor whose tasks run inside the observers' scopes. */
  Executor within(Executor executor) {
    return task ->
        executor.execute(
            () -> {
              Scope scope = open();
              try {
                task.run();
              } finally {
                scope.close();
              }
            });
  }

  /** The handler has returned, or its stage is complete. */
  void returned() {
    tookNs = System.nanoTime() - beginNs;
  }

  /** This number of records of a batch failed, each of which gets its own decision. */
  void awaitDecisions(int number) {
    undecided = number;
  }

  /** The outcome of a failed record was decided. */
  void failed(Failed record) {
    failed.add(record);
    if (--undecided == 0) {
      end();
    }
  }

  /** Reports the outcome, once. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    HandlerOutcome outcome = new HandlerOutcome(Duration.ofNanos(tookNs), failed);
    for (int i = following.size() - 1; i >= 0; i--) {
      calls.call(following.get(i), attempt -> attempt.ended(outcome));
    }
  }
}
