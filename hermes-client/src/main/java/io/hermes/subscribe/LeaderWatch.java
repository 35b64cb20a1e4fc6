package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Detects partitions without a leader, or whose leader does not respond while other brokers do.
 * Kafka's consumer silently waits for such a leader and continues with its other partitions. Poll
 * thread only.
 */
final class LeaderWatch {

  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private final ClusterState cluster;
  private final BrokerWatch brokers;
  private final Faults faults;
  private final long patienceNs;
  private final Map<TopicPartition, Silence> silent = new HashMap<>();
  private long checkedNs = System.nanoTime();

  /** A request that the leader has not answered yet. */
  private static final class Silence {
    long sinceNs;
    Instant since = Instant.now();
    @Nullable CompletableFuture<Optional<String>> leader;

    Silence(long sinceNs) {
      this.sinceNs = sinceNs;
    }
  }

  LeaderWatch(ClusterState cluster, BrokerWatch brokers, Faults faults, Duration patience) {
    this.cluster = cluster;
    this.brokers = brokers;
    this.faults = faults;
    this.patienceNs = patience.toNanos();
  }

  /** A request was sent to the partition's leader, perhaps again. */
  void asked(TopicPartition id, long nowNs) {
    silent.computeIfAbsent(id, partition -> new Silence(nowNs));
  }

  /** The leader has answered, or this member no longer owns the partition. */
  void over(TopicPartition id) {
    if (silent.remove(id) != null) {
      faults.end(place(id));
    }
  }

  void check(long nowNs, Predicate<TopicPartition> owned) {
    if (nowNs - checkedNs < INTERVAL_NS) {
      return;
    }
    checkedNs = nowNs;
    boolean allSilent = brokers.isSilent(); // reported as a fault of its own, for all partitions
    for (TopicPartition id : List.copyOf(silent.keySet())) {
      if (allSilent || !owned.test(id)) {
        over(id);
      }
    }
    silent.forEach((id, silence) -> check(id, silence, nowNs));
  }

  private void check(TopicPartition id, Silence silence, long nowNs) {
    CompletableFuture<Optional<String>> leader = silence.leader;
    if (leader != null && leader.isDone()) {
      silence.leader = null;
      if (!leader.isCompletedExceptionally()) {
        faults.begin(place(id), fault(id, leader.join()).since(silence.since), null);
      }
    }
    if (silence.leader == null && nowNs - silence.sinceNs >= patienceNs) {
      silence.leader = cluster.leader(id);
    }
  }

  private static Fault fault(TopicPartition id, Optional<String> leader) {
    Fault fault =
        leader.isPresent()
            ? Fault.of(
                Fault.Kind.LEADER,
                id + " cannot be read: its leader, " + leader.get() + ", does not respond.",
                "Check that broker; Hermes resumes when it responds or another one leads.")
            : Fault.of(
                Fault.Kind.LEADER,
                id
                    + " cannot be read: it has no leader, because no broker with a replica of it is running.",
                "Start one of them; Hermes resumes by itself.");
    return fault.ofPartition(id).ofBrokers(leader.stream().toList());
  }

  private static String place(TopicPartition id) {
    return "leader " + id;
  }
}
