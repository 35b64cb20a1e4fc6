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
 * Partitions come and go here. Only the poll thread; Kafka calls it in the middle of a poll.
 *
 * <p>One that comes is <i>arriving</i>, paused, until its position is known: one {@code
 * committed()} supplies offset and metadata. That is asked resources of Kafka's callback, so that a
 * broker which does not answer only delays it. One that goes is closed, those inside are waited
 * for, what has finished is committed, and the rest is forgotten: no handler of it starts after
 * that.
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
   * What the subscriber's settings say of it.
   *
   * @param needsTopicIds whether a partition begins only once its topic's id is known, as without
   *     it a commit cannot say what has finished out of order
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

  /** All that Kafka assigned, those without a position included. */
  Set<TopicPartition> assigned() {
    Set<TopicPartition> all = new HashSet<>(owned.keySet());
    all.addAll(arriving.keySet());
    return all;
  }

  /** Kafka names the new ones only. */
  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    Timed recorded = FlightEvents.rebalance(group.name());
    // One that is ours already would be a new assignment all the same: what it had is void.
    giveUp(partitions, System.nanoTime(), false);
    arrive(partitions);
    if (!partitions.isEmpty()) {
      recorded.ended("assigned", partitions.size());
      LOG.info("Group {}: assigned {}", group.name(), partitions);
      counters.rebalances.increment();
      observers.tell(listener -> listener.assigned(Set.copyOf(partitions)));
    }
  }

  private void arrive(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return; // the consumer may be closed, and the next one not made yet
    }
    for (TopicPartition partition : partitions) {
      arriving.put(partition, new Assignment(partition, ++epoch, Thread.currentThread()));
      flow.forget(partition);
      // Any position, so that Kafka looks for none; nothing is fetched before the real one.
      member.consumer().seek(partition, 0L);
    }
    member.consumer().pause(partitions);
    retryAtNs = System.nanoTime();
  }

  /**
   * What has finished since the last commit is void: all partitions are given up and arrive again,
   * at what the group has committed.
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
      observers.tell(listener -> listener.revoked(Set.copyOf(ours)));
    }
  }

  /** Others may have them by now: nothing is waited for, nothing committed. */
  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    Set<TopicPartition> ours = new HashSet<>(partitions);
    ours.retainAll(assigned());
    Timed recorded = FlightEvents.rebalance(group.name());
    giveUp(ours, System.nanoTime(), false);
    if (!ours.isEmpty()) {
      recorded.ended("lost", ours.size());
      LOG.warn(
          "Group {}: lost {}; other members may have them, so nothing of them was committed",
          group.name(),
          ours);
      counters.rebalances.increment();
      observers.tell(listener -> listener.lost(Set.copyOf(ours)));
    }
  }

  /** Gives those that arrived their positions, and begins to read them. */
  void positionArrivals(long nowNs) {
    if (arriving.isEmpty() || nowNs - retryAtNs < 0) {
      return;
    }
    Set<TopicPartition> partitions = Set.copyOf(arriving.keySet());
    try {
      Map<TopicPartition, OffsetAndMetadata> committed =
          new HashMap<>(member.consumer().committed(partitions, POSITION_TIMEOUT));
      Map<String, @Nullable TopicId> topics = topicsOf(partitions);
      Set<TopicPartition> anew = new HashSet<>(partitions);
      anew.removeIf(id -> !isOfAnother(committed.get(id), topics.get(id.topic())));
      committed.keySet().removeAll(anew);
      Set<TopicPartition> without = new HashSet<>(partitions);
      without.removeIf(id -> committed.get(id) != null || anew.contains(id));
      Map<TopicPartition, Long> starts = new HashMap<>(positions(without).of(rules.startAt));
      starts.putAll(positions(anew).begins());
      for (TopicPartition id : partitions) {
        @Nullable OffsetAndMetadata last = committed.get(id);
        requireId(id, topics.get(id.topic()));
        Long start = last == null ? starts.get(id) : Long.valueOf(last.offset());
        if (start == null) {
          throw new IllegalStateException("Kafka gave no start for " + id + ".");
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
      // With the last two the group has put this member out, and the next poll says so.
      retryAtNs = System.nanoTime() + RETRY_NS;
      String what = "The start offsets are unknown for " + partitions;
      Fault fault = KafkaFailures.fault(Fault.Kind.POSITION, what, e, group.where(), null);
      faults.begin(FAULT, fault.ofGroup(group.name()), e);
    }
  }

  /** Before the partition begins, or a restart would handle again what is in a transaction. */
  private void requireId(TopicPartition id, @Nullable TopicId topic) {
    if (rules.needsTopicIds && topic == null) {
      throw new UnknownTopicIdException("The id of " + id.topic() + " is unknown.");
    }
  }

  private StartPositions positions(Set<TopicPartition> partitions) {
    return new StartPositions(member.consumer(), partitions, () -> POSITION_TIMEOUT);
  }

  /**
   * This member's place in the group is gone for good, though the group may accept another: in the
   * next turn a new consumer joins.
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
   * The offset that is next says nothing any more: everything starts anew, at the earliest record
   * that may not be handled.
   *
   * @param atLeast for each partition, below which offset everything is handled
   * @param why what happened to the partition, for the log
   */
  void startAnew(Map<TopicPartition, Long> atLeast, String why) {
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
          startAnew(id, topics.get(id.topic()), to);
        });
  }

  private void startAnew(TopicPartition id, @Nullable TopicId topic, long position) {
    giveUp(List.of(id), System.nanoTime() + Timeouts.nanos(rules.drainTimeout), false);
    owned.put(
        id,
        new Partition(new Assignment(id, ++epoch, Thread.currentThread()), topic, position, null));
    member.consumer().seek(id, position);
  }

  /**
   * Gives up everything, at the end. A group that rebalances takes no commit until it has done so,
   * which needs polls of this member, too; without them the next owner would handle again what was
   * handled meanwhile.
   *
   * @param handlersUntilNs until when handlers may take
   * @param commitUntilNs until when the commit may take
   * @return whether all handlers ended in time
   */
  boolean giveUpAll(long handlersUntilNs, long commitUntilNs) {
    try {
      boolean inTime = drain.close(owned.values(), handlersUntilNs);
      finished.apply(Math.min(commitUntilNs, System.nanoTime() + Committer.TIMEOUT_NS));
      while (!committer.commitNow(owned.values(), commitUntilNs)) {
        if (System.nanoTime() - commitUntilNs > 0) {
          LOG.warn(
              "Group {}: the group is rebalancing, so what was handled since it began is redelivered",
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
   * The one way in which a partition goes.
   *
   * @param commits whether what has finished is committed
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
