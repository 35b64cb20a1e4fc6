package io.hermes.subscribe;

import io.hermes.kafka.BrokerWatch;
import io.hermes.subscribe.Lifecycle.Closing;
import io.hermes.subscribe.Lifecycle.Draining;
import io.hermes.subscribe.Lifecycle.Phase;
import io.hermes.subscribe.Lifecycle.Running;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * The turns of the poll thread: take finished records, commit, pause or resume, poll, hand over.
 * Only the poll thread uses consumer, trackers, committer and rebalance, and it runs no handlers.
 *
 * <p>{@link #runOnce()} is one turn. A thread of the subscriber repeats it; tests step it.
 */
final class PollLoop {

  private static final long LONGEST_POLL_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Member member;
  private final Lifecycle lifecycle;
  private final Rebalance rebalance;
  private final TopicWatch topicWatch;
  private final MembershipWatch membershipWatch;
  private final BrokerWatch brokers;
  private final EndsWatch ends;
  private final Committer committer;
  private final FlowControl flow;
  private final KeyQueues queues;
  private final Workers workers;
  private final Routes routes;
  private final Finished finished;
  private final ProcessingOrder order;
  private final PollFailures failures;
  private final HealthBoard health;

  /** What the loop works on. Except for the classes that cross threads, only the loop uses it. */
  record Parts(
      Rebalance rebalance,
      TopicWatch topicWatch,
      MembershipWatch membershipWatch,
      BrokerWatch brokers,
      EndsWatch ends,
      Committer committer,
      FlowControl flow,
      KeyQueues queues,
      Routes routes,
      Workers workers,
      Finished finished,
      PollFailures failures,
      HealthBoard health) {}

  PollLoop(Member member, Lifecycle lifecycle, ProcessingOrder order, Parts parts) {
    this.member = member;
    this.lifecycle = lifecycle;
    this.order = order;
    this.rebalance = parts.rebalance;
    this.topicWatch = parts.topicWatch;
    this.membershipWatch = parts.membershipWatch;
    this.brokers = parts.brokers;
    this.ends = parts.ends;
    this.committer = parts.committer;
    this.flow = parts.flow;
    this.queues = parts.queues;
    this.routes = parts.routes;
    this.workers = parts.workers;
    this.finished = parts.finished;
    this.failures = parts.failures;
    this.health = parts.health;
  }

  /** Runs one turn. Returns whether another one follows. */
  boolean runOnce() {
    Phase phase = lifecycle.phase();
    if (phase instanceof Closing) {
      return false;
    }
    long now = System.nanoTime();
    committer.prepare(now);
    finished.apply();
    if (phase instanceof Draining draining
        && (flow.records() == 0 || now - draining.untilNs() >= 0)) {
      lifecycle.close(draining.deadlineNs(), null);
      return false;
    }
    boolean receives = phase instanceof Running running && !running.paused();
    if (committer.mustStartOver()) {
      rebalance.startOver();
    }
    if (committer.isReady()) {
      rebalance.positionArrivals(now);
    }
    topicWatch.check(now);
    membershipWatch.check(now);
    brokers.check(now);
    ends.check(now);
    committer.commitIfDue(rebalance.owned(), now);
    flow.apply(member.consumer(), rebalance.owned(), !receives);
    workers.retry(now);
    health.publish(rebalance.assigned(), rebalance.owned(), flow, ends);
    poll(phase instanceof Draining);
    return true;
  }

  private void poll(boolean draining) {
    long worthWaking = draining ? flow.records() : flow.worthWakingAfter();
    boolean atOnce = finished.alarmAfter(worthWaking);
    long waitNs = atOnce ? 0 : Math.min(LONGEST_POLL_NS, committer.dueInNs(System.nanoTime()));
    try {
      member.renew();
      ConsumerRecords<byte[], byte[]> records =
          member
              .consumer()
              .poll(Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(waitNs + 999_999)));
      health.polled();
      failures.none();
      handOver(records);
    } catch (WakeupException e) {
      health.polled(); // another thread has work for the next turn
    } catch (KafkaException e) {
      LockSupport.parkNanos(this, failures.handle(e));
    } finally {
      finished.alarmAfter(0);
    }
  }

  private void handOver(ConsumerRecords<byte[], byte[]> records) {
    long now = System.nanoTime();
    int ready = 0;
    for (TopicPartition id : records.partitions()) {
      Partition partition = rebalance.owned(id);
      if (partition != null) {
        ready += handOver(partition, records.records(id), now);
      }
    }
    // Transaction markers may follow the last record; they count as received, too.
    records.nextOffsets().forEach(this::advance);
    workers.wake(ready);
  }

  private int handOver(Partition partition, List<ConsumerRecord<byte[], byte[]>> batch, long now) {
    OffsetTracker tracker = partition.tracker();
    ProcessingOrder orderHere = orderOf(partition.id().topic());
    int ready = 0;
    // By index: an OpenTelemetry agent creates a span for each step of an iterator.
    for (int i = 0; i < batch.size(); i++) {
      ConsumerRecord<byte[], byte[]> record = batch.get(i);
      long ticket = tracker.register(record.offset(), now);
      if (partition.wasFinishedBefore(record.offset())) {
        tracker.finish(ticket);
        continue;
      }
      WorkItem item = new WorkItem(record, partition, ticket);
      // Here, while the headers are in this core's cache: workers would have to fetch them.
      item.route = routes.find(record);
      item.plain = Decoder.isPlain(record);
      item.refusal = committer.refusal(item);
      flow.received(partition, item.bytes);
      item.key = key(orderHere, partition, record.key());
      if (queues.add(item)) {
        ready++;
      }
    }
    return ready;
  }

  private ProcessingOrder orderOf(String topic) {
    return routes.hasBatches(topic) ? ProcessingOrder.PARTITION : order;
  }

  /** The queue of the record; null if it waits for no other record. */
  private static @Nullable QueueKey key(
      ProcessingOrder order, Partition partition, byte @Nullable [] key) {
    return switch (order) {
      case PARTITION -> partition.queueOfAll();
      case KEY -> key == null ? null : new QueueKey(partition.assignment(), key);
      case UNORDERED -> null;
    };
  }

  private void advance(TopicPartition id, OffsetAndMetadata next) {
    Partition partition = rebalance.owned(id);
    if (partition != null) {
      partition.tracker().advance(next.offset());
    }
  }
}
