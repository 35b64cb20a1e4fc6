package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.StartAt;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.StartPositions;
import io.hermes.kafka.Timeouts;
import io.hermes.subscribe.FlightEvents.Timed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds and removes partitions. Poll thread only; Kafka calls it in the middle of a poll.
 *
 * <p>An assigned partition is <i>arriving</i>, and paused, until its position is known: one {@code
 * committed()} supplies offset and metadata. The request is made outside Kafka's callback, so a
 * broker that does not respond only delays the partition. When a partition is revoked, its gate is
 * closed, the records inside are awaited, finished records are committed, and the rest is dropped.
 * After that, no handler starts for it.
 */
final class Rebalance implements ConsumerRebalanceListener {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final String FAULT = "positions";
  private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REBALANCE_POLL = Duration.ofMillis(100);
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Member member;
  private final Group group;
  private final Committer committer;
  private final FlowControl flow;
  private final KeyQueues queues;
  private final Observers observers;
  private final Counters counters;
  private final Faults faults;
  private final Rules rules;
  private final Finished finished;
  private final PartitionDrain drain;
  private final Map<TopicPartition, Assignment> arriving = new LinkedHashMap<>();
  private final Map<TopicPartition, Partition> owned = new LinkedHashMap<>();
  private long epoch;
  private long retryAtNs = System.nanoTime();

  /**
   * The settings for rebalances.
   *
   * @param needsTopicIds whether a partition begins only once its topic's id is known; without it,
   *     a commit cannot record what has finished out of order
   */
  record Rules(StartAt startAt, Duration drainTimeout, TopicIds topicIds, boolean needsTopicIds) {}

  /** What the rebalance works on. */
  record Targets(
      FlowControl flow,
      KeyQueues queues,
      Workers workers,
      Observers observers,
      Counters counters,
      Faults faults) {}

  Rebalance(
      Group group,
      Member member,
      Committer committer,
      Targets targets,
      Rules rules,
      Finished finished) {
    this.group = group;
    this.member = member;
    this.committer = committer;
    this.flow = targets.flow;
    this.queues = targets.queues;
    this.observers = targets.observers;
    this.counters = targets.counters;
    this.faults = targets.faults;
    this.rules = rules;
    this.finished = finished;
    this.drain = new PartitionDrain(group, targets.workers, finished);
  }

  Collection<Partition> owned() {
    return owned.values();
  }

  @Nullable Partition owned(TopicPartition partition) {
    return owned.get(partition);
  }

  /** All partitions that Kafka assigned, including those without a position. */
  Set<TopicPartition> assigned() {
    Set<TopicPartition> all = new HashSet<>(owned.keySet());
    all.addAll(arriving.keySet());
    return all;
  }

  /** Kafka passes only the new partitions. */
  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    Timed recorded = FlightEvents.rebalance(group.name());
    // A partition that is already owned gets a new assignment, too; its old state is void.
    giveUp(partitions, System.nanoTime(), false);
    arrive(partitions);
    if (!partitions.isEmpty()) {
      recorded.ended("assigned", partitions.size());
      LOG.info("Group {}: assigned {}", group.name(), partitions);
      counters.rebalances.increment();
      observers.report(listener -> listener.assigned(Set.copyOf(partitions)));
    }
  }

  private void arrive(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return; // the consumer may be closed, and its successor not created yet
    }
    for (TopicPartition partition : partitions) {
      arriving.put(partition, new Assignment(partition, ++epoch, Thread.currentThread()));
      flow.forget(partition);
      // Any position, so that Kafka looks none up; nothing is fetched before the real one is set.
      member.consumer().seek(partition, 0L);
    }
    member.consumer().pause(partitions);
    retryAtNs = System.nanoTime();
  }

  /**
   * Discards what has finished since the last commit: gives up all partitions, which then arrive
   * again at the committed offsets.
   */
  void startOver() {
    Set<TopicPartition> all = Set.copyOf(owned.keySet());
    giveUp(all, System.nanoTime() + Timeouts.nanos(rules.drainTimeout), false);
    arrive(all);
    committer.startsOver();
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    Set<TopicPartition> ours = new HashSet<>(partitions);
    ours.retainAll(assigned());
    Timed recorded = FlightEvents.rebalance(group.name());
    giveUp(ours, System.nanoTime() + Timeouts.nanos(rules.drainTimeout), true);
    if (!ours.isEmpty()) {
      recorded.ended("revoked", ours.size());
      LOG.info("Group {}: revoked {}", group.name(), ours);
      counters.rebalances.increment();
      observers.report(listener -> listener.revoked(Set.copyOf(ours)));
    }
  }

  /** Other members may own them by now: nothing is awaited, nothing committed. */
  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    Set<TopicPartition> ours = new HashSet<>(partitions);
    ours.retainAll(assigned());
    Timed recorded = FlightEvents.rebalance(group.name());
    giveUp(ours, System.nanoTime(), false);
    if (!ours.isEmpty()) {
      recorded.ended("lost", ours.size());
      LOG.warn(
          "Group {}: lost {}; other members may own them, so nothing was committed for them",
          group.name(),
          ours);
      counters.rebalances.increment();
      observers.report(listener -> listener.lost(Set.copyOf(ours)));
    }
  }

  /** Sets the positions of arriving partitions, and begins to read them. */
  void positionArrivals(long nowNs) {
    if (arriving.isEmpty() || nowNs - retryAtNs < 0) {
      return;
    }
    Set<TopicPartition> partitions = Set.copyOf(arriving.keySet());
    try {
      Map<TopicPartition, OffsetAndMetadata> committed =
          new HashMap<>(member.consumer().committed(partitions, POSITION_TIMEOUT));
      Map<String, @Nullable TopicId> topics = topicsOf(partitions);
      Set<TopicPartition> recreated = new HashSet<>(partitions);
      recreated.removeIf(id -> !isOfAnother(committed.get(id), topics.get(id.topic())));
      committed.keySet().removeAll(recreated);
      Set<TopicPartition> without = new HashSet<>(partitions);
      without.removeIf(id -> committed.get(id) != null || recreated.contains(id));
      Map<TopicPartition, Long> starts = new HashMap<>(positions(without).of(rules.startAt));
      starts.putAll(positions(recreated).begins());
      for (TopicPartition id : partitions) {
        @Nullable OffsetAndMetadata last = committed.get(id);
        requireId(id, topics.get(id.topic()));
        Long start = last == null ? starts.get(id) : Long.valueOf(last.offset());
        if (start == null) {
          throw new IllegalStateException("Kafka returned no start offset for " + id + ".");
        }
        begin(id, start, last, topics.get(id.topic()));
      }
      faults.end(FAULT);
    } catch (WakeupException e) {
      LOG.trace("Woken while asking for positions; asked again in the next turn", e);
    } catch (RetriableException
        | AuthorizationException
        | AuthenticationException
        | UnknownMemberIdException
        | StaleMemberEpochException e) {
      // The last two mean that the group has removed this member; the next poll reports it.
      retryAtNs = System.nanoTime() + RETRY_NS;
      String what = "The start offsets are unknown for " + partitions;
      Fault fault = KafkaFailures.fault(Fault.Kind.POSITION, what, e, group.where(), null);
      faults.begin(FAULT, fault.ofGroup(group.name()), e);
    }
  }

  /** Called before the partition begins: without the id, a restart would duplicate pipe output. */
  private void requireId(TopicPartition id, @Nullable TopicId topic) {
    if (rules.needsTopicIds && topic == null) {
      throw new UnknownTopicIdException("The id of " + id.topic() + " is unknown.");
    }
  }

  private StartPositions positions(Set<TopicPartition> partitions) {
    return new StartPositions(member.consumer(), partitions, () -> POSITION_TIMEOUT);
  }

  /**
   * This membership is lost for good, but the group may accept a new member: in the next turn a new
   * consumer joins.
   *
   * @param why for the log
   */
  void rejoin(String why) {
    LOG.info("Group {}: joins again with a new consumer: {}", group.name(), why);
    onPartitionsLost(assigned());
    member.retire();
    committer.forgetPending();
  }

  private Map<String, @Nullable TopicId> topicsOf(Set<TopicPartition> partitions) {
    Map<String, @Nullable TopicId> topics = new HashMap<>();
    for (TopicPartition id : partitions) {
      if (!topics.containsKey(id.topic())) {
        topics.put(id.topic(), rules.topicIds.of(id.topic()));
      }
    }
    return topics;
  }

  private static boolean isOfAnother(
      @Nullable OffsetAndMetadata committed, @Nullable TopicId topic) {
    return committed != null
        && topic != null
        && CommitMetadata.isOfAnother(committed.metadata(), topic, committed.offset());
  }

  private void begin(
      TopicPartition id, long start, @Nullable OffsetAndMetadata last, @Nullable TopicId topic) {
    Assignment assignment = arriving.remove(id);
    if (assignment == null) {
      return;
    }
    owned.put(id, new Partition(assignment, topic, start, last));
    member.consumer().seek(id, start);
    member.consumer().resume(List.of(id));
    LOG.debug("{} begins at {}", assignment, start);
  }

  /**
   * Restarts partitions whose position is no longer valid, at the earliest record that may not have
   * been handled.
   *
   * @param atLeast for each partition, the offset below which every record is handled
   * @param why what happened to the partition, for the log
   */
  void restart(Map<TopicPartition, Long> atLeast, String why) {
    Map<TopicPartition, Long> begins = positions(atLeast.keySet()).begins();
    Map<String, @Nullable TopicId> topics = topicsOf(atLeast.keySet());
    atLeast.keySet().forEach(id -> requireId(id, topics.get(id.topic())));
    atLeast.forEach(
        (id, least) -> {
          long to = Math.max(least, begins.getOrDefault(id, 0L));
          Partition was = owned.get(id);
          String from = was == null ? "" : " instead of " + was.tracker().position();
          LOG.warn(
              "Group {}: {} {}; resumes at {}{}, the earliest record that may not be handled yet",
              group.name(),
              id,
              why,
              to,
              from);
          restart(id, topics.get(id.topic()), to);
        });
  }

  private void restart(TopicPartition id, @Nullable TopicId topic, long position) {
    giveUp(List.of(id), System.nanoTime() + Timeouts.nanos(rules.drainTimeout), false);
    owned.put(
        id,
        new Partition(new Assignment(id, ++epoch, Thread.currentThread()), topic, position, null));
    member.consumer().seek(id, position);
  }

  /**
   * Gives up all partitions when the subscriber closes. A group accepts no commit until its
   * rebalance has ended, for which this member has to poll, too. Without these polls, records
   * handled during the rebalance would be redelivered to the next owner.
   *
   * @param handlersUntilNs the deadline of the handlers
   * @param commitUntilNs the deadline of the commit
   * @return whether all handlers ended in time
   */
  boolean giveUpAll(long handlersUntilNs, long commitUntilNs) {
    try {
      boolean inTime = drain.close(owned.values(), handlersUntilNs);
      finished.apply(Math.min(commitUntilNs, System.nanoTime() + Committer.TIMEOUT_NS));
      while (!committer.commitNow(owned.values(), commitUntilNs)) {
        if (System.nanoTime() - commitUntilNs > 0) {
          LOG.warn(
              "Group {}: the group is rebalancing, so records handled since it began are"
                  + " redelivered",
              group.name());
          break;
        }
        pollWithoutRecords();
      }
      return inTime;
    } finally {
      giveUp(assigned(), handlersUntilNs, false);
    }
  }

  private void pollWithoutRecords() {
    Consumer<?, ?> consumer = member.consumer();
    consumer.pause(consumer.assignment());
    try {
      consumer.poll(REBALANCE_POLL);
    } catch (WakeupException e) {
      LOG.trace("Woken while waiting for a rebalance; the commit is tried again", e);
    }
  }

  /**
   * Removes partitions. There is no other way to remove one.
   *
   * @param commits whether finished records are committed
   */
  private void giveUp(Collection<TopicPartition> ids, long deadlineNs, boolean commits) {
    List<Partition> leaving = new ArrayList<>();
    if (!arriving.isEmpty() && arriving.keySet().removeAll(ids) && arriving.isEmpty()) {
      faults.end(FAULT);
    }
    for (TopicPartition id : ids) {
      Partition partition = owned.remove(id);
      if (partition != null) {
        leaving.add(partition);
      }
    }
    try {
      drain.close(leaving, deadlineNs);
      if (commits) {
        long untilNs = System.nanoTime() + Committer.TIMEOUT_NS;
        finished.apply(untilNs);
        committer.commitNow(leaving, untilNs);
      } else {
        committer.abandon(leaving);
      }
    } finally {
      for (Partition partition : leaving) {
        partition.retire();
        counters.redelivered.add(partition.records());
        queues.discard(partition.assignment());
        flow.dropped(partition);
        faults.endOf(partition.id());
      }
    }
  }
}
