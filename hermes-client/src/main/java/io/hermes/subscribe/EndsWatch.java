package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.OpenTransaction;
import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Asks periodically for the end offsets of partitions, for the lag and to detect open transactions.
 * The consumer hides these: it reads up to the last stable offset, where the first open transaction
 * begins, and takes that for the end. It is a fault if the last stable offset is below the high
 * watermark and does not move. Poll thread only.
 */
final class EndsWatch {

  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

  private final ClusterState cluster;
  private final BrokerWatch brokers;
  private final Rebalance rebalance;
  private final LeaderWatch leaders;
  private final Faults faults;
  private final Duration patience;
  private final Map<TopicPartition, Seen> seen = new HashMap<>();
  private final Map<TopicPartition, CompletableFuture<Long>> highs = new HashMap<>();
  private final Map<TopicPartition, CompletableFuture<Long>> stables = new HashMap<>();
  private final Map<TopicPartition, CompletableFuture<List<OpenTransaction>>> openers =
      new HashMap<>();
  private long askedNs = System.nanoTime() - INTERVAL_NS;

  /** The last known offsets of a partition. */
  private static final class Seen {
    final Partition partition;
    long high = -1;
    long stable = -1;
    long measuredNs;
    long stillSinceNs;
    Instant stillSince = Instant.now();

    Seen(Partition partition) {
      this.partition = partition;
    }
  }

  EndsWatch(
      ClusterState cluster,
      BrokerWatch brokers,
      Rebalance rebalance,
      Faults faults,
      Patience patience) {
    this.cluster = cluster;
    this.brokers = brokers;
    this.rebalance = rebalance;
    this.leaders = new LeaderWatch(cluster, brokers, faults, patience.leader());
    this.faults = faults;
    this.patience = patience.transaction();
  }

  /** The last known high watermark; -1 if unknown. */
  long high(Partition partition) {
    Seen last = seen.get(partition.id());
    return last == null || last.partition != partition ? -1 : last.high;
  }

  /** When the high watermark was measured. */
  long measuredNs(Partition partition) {
    Seen last = seen.get(partition.id());
    return last == null ? System.nanoTime() : last.measuredNs;
  }

  void check(long nowNs) {
    takeAnswers(nowNs);
    leaders.check(nowNs, id -> rebalance.owned(id) != null);
    boolean arrived = rebalance.owned().size() != seen.size();
    if (nowNs - askedNs < INTERVAL_NS && !arrived) {
      return;
    }
    askedNs = nowNs;
    forgetOthers();
    Set<TopicPartition> idle = new HashSet<>();
    for (Partition partition : rebalance.owned()) {
      idle.add(partition.id());
      Seen known = seen.get(partition.id());
      if (known == null || known.partition != partition) {
        seen.put(partition.id(), new Seen(partition));
      }
    }
    idle.removeAll(highs.keySet());
    if (!idle.isEmpty()) {
      idle.forEach(id -> leaders.asked(id, nowNs));
      highs.putAll(cluster.ends(idle, IsolationLevel.READ_UNCOMMITTED));
      idle.removeAll(stables.keySet());
      stables.putAll(cluster.ends(idle, IsolationLevel.READ_COMMITTED));
    }
  }

  private void forgetOthers() {
    Set<TopicPartition> gone = new HashSet<>(seen.keySet());
    rebalance.owned().forEach(partition -> gone.remove(partition.id()));
    for (TopicPartition id : gone) {
      seen.remove(id);
      openers.remove(id);
      leaders.over(id);
      faults.end(place(id));
    }
  }

  private void takeAnswers(long nowNs) {
    take(
        stables,
        (last, stable) -> {
          if (stable != last.stable) {
            last.stable = stable;
            last.stillSinceNs = nowNs;
            last.stillSince = Instant.now();
          }
        },
        nowNs);
    take(
        highs,
        (last, high) -> {
          last.high = high;
          last.measuredNs = nowNs;
          judge(last, nowNs);
        },
        nowNs);
    openers
        .entrySet()
        .removeIf(
            opener -> {
              Seen last = seen.get(opener.getKey());
              boolean done = opener.getValue().isDone();
              if (done && last != null) {
                begin(last, opener.getValue().exceptionally(failure -> List.of()).join());
              }
              return done;
            });
  }

  private void take(
      Map<TopicPartition, CompletableFuture<Long>> answers,
      ObjLongConsumer<Seen> taker,
      long nowNs) {
    answers
        .entrySet()
        .removeIf(
            entry -> {
              CompletableFuture<Long> answer = entry.getValue();
              if (!answer.isDone()) {
                return false;
              }
              Seen last = seen.get(entry.getKey());
              Throwable failure = answer.handle((offset, thrown) -> thrown).join();
              if (failure == null) {
                brokers.heard(nowNs);
                leaders.over(entry.getKey());
                if (last != null) {
                  taker.accept(last, answer.join());
                }
              } else if (!(Thrown.unwrap(failure) instanceof RetriableException)) {
                leaders.over(entry.getKey()); // a refusal is a response, too
              }
              return true;
            });
  }

  private void judge(Seen last, long nowNs) {
    TopicPartition id = last.partition.id();
    boolean held = last.stable >= 0 && last.stable < last.high;
    if (!held) { // count from when it fell behind, not from the last record
      last.stillSinceNs = nowNs;
      last.stillSince = Instant.now();
    }
    if (!held || nowNs - last.stillSinceNs < patience.toNanos()) {
      faults.end(place(id));
    } else if (!faults.has(place(id)) && !openers.containsKey(id)) {
      openers.put(id, cluster.openTransactions(id));
    }
  }

  private void begin(Seen last, List<OpenTransaction> open) {
    TopicPartition id = last.partition.id();
    @Nullable OpenTransaction first = open.isEmpty() ? null : open.get(0);
    String who =
        first == null
            ? ""
            : first
                .transactionalId()
                .map(name -> " of transactional id " + name)
                .orElse(" of producer id " + first.producerId());
    Fault fault =
        Fault.of(
            Fault.Kind.OPEN_TRANSACTION,
            id
                + ": an open transaction"
                + who
                + " blocks the records from offset "
                + last.stable
                + " on.",
            "End that producer's transaction, or abort it: `hermes doctor` prints the command.");
    faults.begin(place(id), fault.ofPartition(id).since(last.stillSince), null);
  }

  private static String place(TopicPartition id) {
    return "transaction " + id;
  }
}
