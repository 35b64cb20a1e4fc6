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
 * Commits what is finished: now and then without waiting, and before a partition is given up. Only
 * the poll thread, and so are the callbacks.
 *
 * <p>One commit is on its way at a time. What it acknowledges is kept with the assignment that it
 * was for, so a late answer says nothing about a partition that came back meanwhile.
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
   * @param interval between two, where something has finished
   * @param confirmation after how long without one a partition's offset is committed anew. A
   *     classic member whose right on the group was revoked, or that the group has put out since,
   *     is told so in answer to a commit alone: Kafka's consumer keeps the refused heartbeats to
   *     itself.
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

  /** While one is on its way, that is not known. */
  @Override
  public long dueInNs(long nowNs) {
    return onItsWay ? Long.MAX_VALUE : Math.max(0, lastNs + pace.interval.toNanos() - nowNs);
  }

  /** Returns at once. */
  @Override
  public void commitIfDue(Collection<Partition> owned, long nowNs) {
    if (dueInNs(nowNs) > 0) {
      return;
    }
    lastNs = nowNs;
    if (owned.isEmpty()) {
      faults.end(FAULT); // those that have the partitions now commit them
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
        // It was meant for a poll; the commit may not have been made.
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
    Map<TopicPartition, Long> told = new HashMap<>();
    done.forEach((partition, offset) -> told.put(partition.id(), offset.offset()));
    observers.tell(listener -> listener.committed(Map.copyOf(told)));
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
      throw fenced; // another process has this static member's name: this one is to end
    }
    if (failure instanceof RebalanceInProgressException) {
      LOG.debug("A commit has to wait for the end of a rebalance", failure);
      return;
    }
    faults.begin(FAULT, fault(failure), failure);
  }
}
