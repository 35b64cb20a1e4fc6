package io.hermes.subscribe;

import io.hermes.EventRecord;
import io.hermes.kafka.ClosingHooks;
import io.hermes.kafka.FlightRecording;
import io.hermes.kafka.ObserverCalls;
import io.hermes.subscribe.SubscriberHealth.State;
import io.hermes.subscribe.SubscriberObserver.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls a subscriber's listener and observers. Thread-safe. */
final class Observers {

  private final String group;
  private final List<SubscriberObserver> observers;
  private final List<SubscriberListener> listeners;
  private final ObserverCalls calls;
  private String clientId = ""; // this and the next are written before the poll thread starts
  private Supplier<SubscriberHealth> health = () -> SubscriberHealth.idle(State.NEW);
  private final ClosingHooks whenClosed;

  Observers(String group, SubscriberListener listener, List<SubscriberObserver> observers) {
    this.group = group;
    this.observers = List.copyOf(observers);
    this.listeners = new ArrayList<>(observers);
    this.listeners.add(listener);
    if (FlightRecording.isPresent()) {
      this.listeners.add(new FlightEvents(group));
    }
    String owner = "Group " + group;
    Logger log = LoggerFactory.getLogger("io.hermes.subscribe");
    this.calls = new ObserverCalls(owner, log);
    this.whenClosed = new ClosingHooks(owner, log, calls);
  }

  /** Reports an event to the listener and all observers. */
  void report(Consumer<SubscriberListener> event) {
    for (SubscriberListener listener : listeners) {
      calls.call(listener, event);
    }
  }

  void started(String id, Supplier<SubscriberHealth> health) {
    this.clientId = id;
    this.health = health;
    for (SubscriberObserver observer : observers) {
      whenClosed.add(calls.ask(observer, asked -> asked.started(group, id, health)));
    }
  }

  /** The figures about partitions in health() were updated. Poll thread only. */
  void measured() {
    if (!observers.isEmpty()) {
      SubscriberHealth now = health.get();
      for (SubscriberObserver observer : observers) {
        calls.call(observer, called -> called.measured(clientId, now));
      }
    }
  }

  void closed(long deadlineNs) {
    whenClosed.run(deadlineNs);
  }

  /** Whether attempts may be observed. */
  boolean followAttempts() {
    return !observers.isEmpty() || FlightEvents.recordAttempts();
  }

  /** Begins an attempt; null if it is not observed. */
  @Nullable ObservedAttempt begin(
      List<? extends EventRecord<?>> records, int attempt, boolean isBatch) {
    HandlerCall call = new HandlerCall(group, clientId, records, attempt, isBatch);
    List<Attempt> following = new ArrayList<>(observers.size());
    for (SubscriberObserver observer : observers) {
      Attempt followed = calls.ask(observer, asked -> asked.attempt(call));
      if (followed != null) {
        following.add(followed);
      }
    }
    if (FlightEvents.recordAttempts()) {
      following.add(FlightEvents.begin(call));
    }
    return following.isEmpty() ? null : new ObservedAttempt(following, calls);
  }

  long failures() {
    return calls.failures();
  }
}
