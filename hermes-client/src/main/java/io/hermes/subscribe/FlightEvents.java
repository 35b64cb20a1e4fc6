package io.hermes.subscribe;

import io.hermes.EventRecord;
import io.hermes.kafka.FlightRecording;
import io.hermes.subscribe.HandlerOutcome.Failed;
import io.hermes.subscribe.SubscriberObserver.Attempt;
import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * The events of a subscriber in JDK Flight Recorder. Costs next to nothing while nothing is
 * recorded, and is not used on a JVM without Flight Recorder. Thread-safe.
 */
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class FlightEvents implements SubscriberListener {

  private static final Timed NOWHERE = (result, partitions) -> {};

  private final String group;

  /** Only where {@link FlightRecording#isPresent()}. */
  FlightEvents(String group) {
    this.group = group;
  }

  /** An event that has begun, and is recorded when it ends. */
  interface Timed {
    void ended(String result, int partitions);
  }

  /** Loaded only where the Flight Recorder is present. */
  private static final class Probe {
    private static final HandlerAttempt ATTEMPT = new HandlerAttempt();
  }

  /** Whether attempts are being recorded now. */
  static boolean recordAttempts() {
    return FlightRecording.isPresent() && Probe.ATTEMPT.isEnabled();
  }

  /** Begins an attempt. Only where {@link #recordAttempts()}. */
  static Attempt begin(HandlerCall call) {
    HandlerAttempt event = new HandlerAttempt();
    event.begin();
    return new Attempt() {
      @Override
      public void ended(HandlerOutcome outcome) {
        event.end();
        if (event.shouldCommit()) {
          event.fill(call, outcome);
          event.commit();
        }
      }
    };
  }

  /** Partitions are about to be assigned, revoked or lost. */
  static Timed rebalance(String group) {
    if (!FlightRecording.isPresent()) {
      return NOWHERE;
    }
    Rebalanced event = new Rebalanced();
    event.begin();
    return (kind, partitions) -> {
      event.group = group;
      event.kind = kind;
      event.partitions = partitions;
      event.commit();
    };
  }

  /** Offsets are about to be committed. */
  static Timed commit(String group) {
    if (!FlightRecording.isPresent()) {
      return NOWHERE;
    }
    Committed event = new Committed();
    event.begin();
    return (result, partitions) -> {
      event.group = group;
      event.result = result;
      event.partitions = partitions;
      event.commit();
    };
  }

  @Override
  public void retried(EventRecord<?> record, int failedAttempt, Throwable failure, Duration wait) {
    Retry event = new Retry();
    event.at(group, record, failure);
    event.failedAttempt = failedAttempt;
    event.wait = wait.toNanos();
    event.commit();
  }

  @Override
  public void deadLettered(EventRecord<?> record, Throwable failure) {
    DeadLetter event = new DeadLetter();
    event.at(group, record, failure);
    event.commit();
  }

  @Override
  public void skipped(EventRecord<?> record, Throwable failure) {
    Skip event = new Skip();
    event.at(group, record, failure);
    event.commit();
  }

  /** What events about one record have in common; never the record's content. */
  @Category({"Hermes", "Subscriber"})
  @StackTrace(false)
  private abstract static class OfRecord extends Event {
    @Label("Group")
    String group = "";

    @Label("Topic")
    String topic = "";

    @Label("Partition")
    int partition;

    @Label("Offset")
    long offset;

    @Label("Exception")
    @Description("The class of what the handler threw; empty if it succeeded")
    String exception = "";

    void at(String ofGroup, EventRecord<?> record, Throwable failure) {
      group = ofGroup;
      topic = record.topic();
      partition = record.partition();
      offset = record.offset();
      exception = failure.getClass().getName();
    }
  }

  @Name("hermes.HandlerAttempt")
  @Label("Handler Attempt")
  @Description("A handler ran; an asynchronous one ends when its stage completes")
  @Category({"Hermes", "Subscriber"})
  @Threshold("20 ms")
  @StackTrace(false)
  private static final class HandlerAttempt extends OfRecord {
    @Label("Attempt")
    int attempt;

    @Label("Records")
    @Description("How many records a batch has; the offset is that of the first")
    int records;

    @Label("Decision")
    @Description("What follows a failure; empty if there is none")
    String decision = "";

    void fill(HandlerCall call, HandlerOutcome outcome) {
      EventRecord<?> first = call.records().get(0);
      group = call.group();
      topic = first.topic();
      partition = first.partition();
      offset = first.offset();
      attempt = call.attempt();
      records = call.records().size();
      if (!outcome.isSuccess()) {
        Failed failed = outcome.failed().get(0);
        exception = failed.failure().getClass().getName();
        decision = failed.decision().map(Decision::name).orElse("REVOKED");
      }
    }
  }

  @Name("hermes.Retry")
  @Label("Retry")
  @Description("A record failed and waits for its next attempt")
  private static final class Retry extends OfRecord {
    @Label("Failed Attempt")
    int failedAttempt;

    @Label("Wait")
    @Timespan(Timespan.NANOSECONDS)
    long wait;
  }

  @Name("hermes.DeadLetter")
  @Label("Dead Letter")
  @Description("A record was written to the dead-letter topic")
  private static final class DeadLetter extends OfRecord {}

  @Name("hermes.Skip")
  @Label("Skip")
  @Description("A record failed and was acked, because the error policy says so")
  private static final class Skip extends OfRecord {}

  @Name("hermes.Rebalance")
  @Label("Rebalance")
  @Description(
      "Partitions were assigned, revoked or lost; ends after handlers and commits have finished")
  @Category({"Hermes", "Subscriber"})
  @Threshold("0 ms")
  @StackTrace(false)
  private static final class Rebalanced extends Event {
    @Label("Group")
    String group = "";

    @Label("Kind")
    @Description("assigned, revoked or lost")
    String kind = "";

    @Label("Partitions")
    int partitions;
  }

  @Name("hermes.Commit")
  @Label("Commit")
  @Description("Offsets were sent to the group's coordinator; ends with its answer")
  @Category({"Hermes", "Subscriber"})
  @Threshold("0 ms")
  @StackTrace(false)
  private static final class Committed extends Event {
    @Label("Group")
    String group = "";

    @Label("Result")
    @Description("acknowledged or failed")
    String result = "";

    @Label("Partitions")
    int partitions;
  }
}
