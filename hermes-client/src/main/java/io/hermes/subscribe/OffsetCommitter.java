package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import io.hermes.subscribe.FlightEvents.Timed;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits finished offsets: periodically without waiting, and before a partition is given up. Poll
 * thread only, including the callbacks.
 *
 * <p>At most one asynchronous commit is in flight. Its acknowledgement applies to the assignment
 * that it was sent for, so a late response has no effect on a partition that was assigned again.
 */
final class OffsetCommitter implements Committer {

  static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final String FAULT = "commit";

  private final Member member;
  private final Group group;
  private final Pace pace;
  private final Faults faults;
  private final Observers observers;
  private boolean onItsWay;
  private long lastNs;
  private long acknowledgedNs;

  /**
   * When a commit is due.
   *
   * @param interval the time between two commits, if anything has finished
   * @param confirmation the time without a commit after which an offset is committed again. A
   *     classic member that was removed from the group, or whose permission on it was revoked,
   *     learns so only from the response to a commit: Kafka's consumer does not report refused
   *     heartbeats.
   */
  record Pace(Duration interval, Duration confirmation) {}

  OffsetCommitter(Member member, Group group, Pace pace, Faults faults, Observers observers) {
    this.member = member;
    this.group = group;
    this.pace = pace;
    this.faults = faults;
    this.observers = observers;
    this.lastNs = System.nanoTime();
    this.acknowledgedNs = lastNs;
  }

  /** Long.MAX_VALUE while a commit is in flight. */
  @Override
  public long dueInNs(long nowNs) {
    return onItsWay ? Long.MAX_VALUE : Math.max(0, lastNs + pace.interval.toNanos() - nowNs);
  }

  /** Never waits. */
  @Override
  public void commitIfDue(Collection<Partition> owned, long nowNs) {
    if (dueInNs(nowNs) > 0) {
      return;
    }
    lastNs = nowNs;
    if (owned.isEmpty()) {
      faults.end(FAULT); // the new owners commit
    }
    Map<Partition, OffsetAndMetadata> due = uncommitted(owned);
    boolean confirms = due.isEmpty();
    if (confirms && (faults.has(FAULT) || nowNs - acknowledgedNs > pace.confirmation.toNanos())) {
      owned.stream().findAny().ifPresent(any -> due.put(any, any.committable()));
    }
    if (due.isEmpty()) {
      return;
    }
    onItsWay = true;
    Timed recorded = FlightEvents.commit(group.name());
    try {
      member
          .consumer()
          .commitAsync(
              offsets(due),
              (offsets, failure) -> {
                onItsWay = false;
                recorded.ended(failure == null ? "acknowledged" : "failed", due.size());
                if (failure == null) {
                  acknowledged(confirms ? Map.of() : due);
                } else {
                  failed(failure);
                }
              });
    } catch (KafkaException e) {
      onItsWay = false;
      failed(e);
    }
  }

  @Override
  public boolean commitNow(Collection<Partition> leaving, long deadlineNs) {
    Map<Partition, OffsetAndMetadata> due = uncommitted(leaving);
    long sinceNs = System.nanoTime();
    long timeoutNs = Math.min(deadlineNs - sinceNs, TIMEOUT_NS);
    while (!due.isEmpty()) {
      Duration left = Duration.ofNanos(Math.max(0, sinceNs + timeoutNs - System.nanoTime()));
      Timed recorded = FlightEvents.commit(group.name());
      String result = "failed";
      try {
        member.consumer().commitSync(offsets(due), left);
        result = "acknowledged";
        acknowledged(due);
        return true;
      } catch (WakeupException e) {
        // The wake-up was meant for a poll, and the commit may not have been sent: repeat it.
        if (left.isZero()) {
          failed(e);
          return true;
        }
      } catch (RebalanceInProgressException e) {
        failed(e);
        return false;
      } catch (KafkaException e) {
        failed(e);
        return true;
      } finally {
        recorded.ended(result, due.size());
      }
    }
    return true;
  }

  static Map<Partition, OffsetAndMetadata> uncommitted(Collection<Partition> partitions) {
    Map<Partition, OffsetAndMetadata> due = new HashMap<>();
    for (Partition partition : partitions) {
      OffsetAndMetadata offset = partition.uncommitted();
      if (offset != null) {
        due.put(partition, offset);
      }
    }
    return due;
  }

  static Map<TopicPartition, OffsetAndMetadata> offsets(Map<Partition, OffsetAndMetadata> due) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    due.forEach((partition, offset) -> offsets.put(partition.id(), offset));
    return offsets;
  }

  private void acknowledged(Map<Partition, OffsetAndMetadata> done) {
    faults.end(FAULT);
    acknowledgedNs = System.nanoTime();
    if (done.isEmpty()) {
      return;
    }
    done.forEach(Partition::acknowledged);
    Map<TopicPartition, Long> reported = new HashMap<>();
    done.forEach((partition, offset) -> reported.put(partition.id(), offset.offset()));
    observers.report(listener -> listener.committed(Map.copyOf(reported)));
  }

  @Override
  public void forgetPending() {
    onItsWay = false;
  }

  private Fault fault(Exception failure) {
    String what = "The offsets of group " + group.name() + " are not committed";
    if (failure instanceof CommitFailedException) {
      String problem = what + ": the group has assigned the partitions to other members.";
      String advice = "Records that were not committed are redelivered to the next owner.";
      return Fault.of(Fault.Kind.COMMIT, problem, advice).ofGroup(group.name());
    }
    return KafkaFailures.fault(Fault.Kind.COMMIT, what, failure, group.where(), null)
        .ofGroup(group.name());
  }

  private void failed(Exception failure) {
    if (failure instanceof FencedInstanceIdException fenced) {
      throw fenced; // another process uses this group.instance.id: end this one
    }
    if (failure instanceof RebalanceInProgressException) {
      LOG.debug("A commit has to wait for the end of a rebalance", failure);
      return;
    }
    faults.begin(FAULT, fault(failure), failure);
  }
}
