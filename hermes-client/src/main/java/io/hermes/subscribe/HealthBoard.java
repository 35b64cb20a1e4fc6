package io.hermes.subscribe;

import io.hermes.Fault;
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

/** What the poll thread knows, put up now and then for any thread to read. */
final class HealthBoard {

  private static final long ENDS_EVERY_NS = TimeUnit.SECONDS.toNanos(5);
  private static final Duration ENDS_TIMEOUT = Duration.ofMillis(500);
  private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Member member;
  private volatile Snapshot snapshot =
      new Snapshot(Set.of(), Map.of(), List.of(), Optional.empty(), 0, 0, 0, 0);
  private volatile long polledNs = System.nanoTime();
  private long publishedNs = System.nanoTime() - EVERY_NS;
  private Map<TopicPartition, Long> pausedEnds = Map.of();
  private long askedEndsNs = System.nanoTime() - ENDS_EVERY_NS;
  private long handled; // only the poll thread; others see it in the snapshot

  private record Snapshot(
      Set<TopicPartition> assigned,
      Map<TopicPartition, Long> lag,
      List<Assignment> assignments,
      Optional<Unfinished> oldest,
      long oldestSinceNs,
      long records,
      long bytes,
      long handled) {}

  HealthBoard(Member member) {
    this.member = member;
  }

  void polled() {
    polledNs = System.nanoTime();
  }

  void handledOne() {
    handled++;
  }

  /** Puts up how it is now, unless that was done a moment ago. */
  void publish(Set<TopicPartition> assigned, Collection<Partition> owned, FlowControl flow) {
    long now = System.nanoTime();
    if (now - publishedNs < EVERY_NS) {
      return;
    }
    publishedNs = now;
    Set<TopicPartition> paused = flow.paused();
    askEnds(paused, now);
    Map<TopicPartition, Long> lag = new HashMap<>();
    List<Assignment> assignments = new ArrayList<>();
    Partition oldest = null;
    for (Partition partition : owned) {
      assignments.add(partition.assignment());
      OptionalLong behind = behind(partition, paused);
      if (behind.isPresent()) {
        lag.put(partition.id(), behind.getAsLong() + partition.records());
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
            Set.copyOf(assigned),
            Map.copyOf(lag),
            List.copyOf(assignments),
            oldest == null
                ? Optional.empty()
                : Optional.of(
                    new Unfinished(oldest.id(), oldest.tracker().committable(), Duration.ZERO)),
            oldest == null ? 0 : oldest.tracker().oldestReceivedNs(),
            flow.records(),
            flow.bytes(),
            handled);
  }

  /** Kafka knows it by what it fetches; where nothing is fetched, it is asked now and then. */
  private OptionalLong behind(Partition partition, Set<TopicPartition> paused) {
    if (!paused.contains(partition.id())) {
      try {
        return member.consumer().currentLag(partition.id());
      } catch (KafkaException e) {
        return OptionalLong.empty(); // it may ask a broker, who may refuse; so will the poll
      }
    }
    Long end = pausedEnds.get(partition.id());
    return end == null
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, end - partition.tracker().position()));
  }

  private void askEnds(Set<TopicPartition> paused, long now) {
    if (paused.isEmpty()) {
      pausedEnds = Map.of();
    } else if (now - askedEndsNs >= ENDS_EVERY_NS || !pausedEnds.keySet().containsAll(paused)) {
      if (now - askedEndsNs < EVERY_NS * 5) {
        return; // not more often than that, whatever is paused and resumed
      }
      askedEndsNs = now;
      try {
        pausedEnds = member.consumer().endOffsets(paused, ENDS_TIMEOUT);
      } catch (KafkaException e) {
        pausedEnds = Map.of(); // better no figure than an old one
      }
    }
  }

  /** As of now, for any thread. */
  SubscriberHealth read(State state, List<Fault> faults, long ignored) {
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
        over ? Set.of() : last.assigned,
        over ? Map.of() : last.lag,
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
        last.handled,
        ignored);
  }
}
