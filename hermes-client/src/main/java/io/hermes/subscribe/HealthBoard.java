package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.subscribe.SubscriberHealth.Counts;
import io.hermes.subscribe.SubscriberHealth.State;
import io.hermes.subscribe.SubscriberHealth.Unfinished;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Publishes the poll thread's figures periodically, for any thread to read. */
final class HealthBoard {

  private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Member member;
  private final Counters counters;
  private final Observers observers;
  private volatile Snapshot snapshot =
      new Snapshot(
          false, Set.of(), Map.of(), System.nanoTime(), List.of(), Optional.empty(), 0, 0, 0);
  private volatile long polledNs = System.nanoTime();
  private long publishedNs = System.nanoTime() - EVERY_NS;

  private record Snapshot(
      boolean joined,
      Set<TopicPartition> assigned,
      Map<TopicPartition, Long> lag,
      long lagMeasuredNs,
      List<Assignment> assignments,
      Optional<Unfinished> oldest,
      long oldestSinceNs,
      long records,
      long bytes) {}

  HealthBoard(Member member, Counters counters, Observers observers) {
    this.member = member;
    this.counters = counters;
    this.observers = observers;
  }

  void polled() {
    polledNs = System.nanoTime();
  }

  /** Publishes the current figures, at most every 200 ms. */
  void publish(
      Set<TopicPartition> assigned, Collection<Partition> owned, FlowControl flow, EndsWatch ends) {
    long now = System.nanoTime();
    if (now - publishedNs < EVERY_NS) {
      return;
    }
    publishedNs = now;
    long measuredNs = now;
    Map<TopicPartition, Long> lag = new HashMap<>();
    List<Assignment> assignments = new ArrayList<>();
    Partition oldest = null;
    for (Partition partition : owned) {
      assignments.add(partition.assignment());
      OptionalLong behind = behind(partition, ends);
      if (behind.isPresent()) {
        lag.put(partition.id(), behind.getAsLong() + partition.records());
        if (ends.measuredNs(partition) - measuredNs < 0) {
          measuredNs = ends.measuredNs(partition);
        }
      }
      OffsetTracker tracker = partition.tracker();
      if (!tracker.isEmpty()
          && (oldest == null
              || tracker.oldestReceivedNs() - oldest.tracker().oldestReceivedNs() < 0)) {
        oldest = partition;
      }
    }
    snapshot =
        new Snapshot(
            member.hasJoined(),
            Set.copyOf(assigned),
            Map.copyOf(lag),
            measuredNs,
            List.copyOf(assignments),
            oldest == null
                ? Optional.empty()
                : Optional.of(
                    new Unfinished(oldest.id(), oldest.tracker().committable(), Duration.ZERO)),
            oldest == null ? 0 : oldest.tracker().oldestReceivedNs(),
            flow.records(),
            flow.bytes());
    observers.measured();
  }

  /**
   * How many records are not received yet. The high watermark is the leader's last answer. The
   * consumer's own figure may be more recent, but is too low while a transaction is open.
   */
  private OptionalLong behind(Partition partition, EndsWatch ends) {
    long high = ends.high(partition);
    if (high < 0) {
      return OptionalLong.empty(); // the consumer may report 0 before its first fetch
    }
    long position = partition.tracker().position();
    OptionalLong fetched = OptionalLong.empty();
    try {
      fetched = member.consumer().currentLag(partition.id());
    } catch (KafkaException | IllegalStateException e) {
      // It may ask a broker, which may refuse; the next poll reports that.
    }
    return OptionalLong.of(Math.max(Math.max(0, high - position), fetched.orElse(0)));
  }

  /** Figures are never newer than the last response of a broker: the consumer caches them. */
  private static Duration lagAge(Duration sinceMeasured, Duration sinceResponse) {
    return sinceMeasured.compareTo(sinceResponse) < 0 ? sinceResponse : sinceMeasured;
  }

  /** The current health. Any thread. */
  SubscriberHealth read(State state, List<Fault> faults, Duration sinceResponse) {
    Snapshot last = snapshot;
    long now = System.nanoTime();
    int parked = 0;
    int deadLetters = 0;
    for (Assignment assignment : last.assignments) {
      parked += assignment.parked().get();
      deadLetters += assignment.waitingDeadLetters().get();
    }
    boolean over = state == State.CLOSED || state == State.FAILED;
    return new SubscriberHealth(
        state,
        faults,
        Duration.ofNanos(now - polledNs),
        sinceResponse,
        !over && last.joined,
        over ? Set.of() : last.assigned,
        over ? Map.of() : last.lag,
        over || last.lag.isEmpty()
            ? Duration.ZERO
            : lagAge(Duration.ofNanos(now - last.lagMeasuredNs), sinceResponse),
        over
            ? Optional.empty()
            : last.oldest.map(
                unfinished ->
                    new Unfinished(
                        unfinished.partition(),
                        unfinished.offset(),
                        Duration.ofNanos(now - last.oldestSinceNs))),
        over ? 0 : last.records,
        over ? 0 : last.bytes,
        over ? 0 : parked,
        over ? 0 : deadLetters,
        new Counts(
            counters.handled.sum(),
            counters.ignored.sum(),
            counters.failed.sum(),
            counters.retried.sum(),
            counters.deadLettered.sum(),
            counters.skipped.sum(),
            counters.redelivered.sum(),
            counters.rebalances.sum(),
            observers.failures(),
            counters.commits.sum(),
            counters.aborts.sum()));
  }
}
