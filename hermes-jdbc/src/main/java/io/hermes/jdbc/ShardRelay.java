package io.hermes.jdbc;

import io.hermes.AccessException;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishUnknownException;
import io.hermes.UnknownTopicException;
import io.hermes.jdbc.OutboxTable.Claim;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.Thrown;
import io.hermes.publish.BulkResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes one shard of an outbox while it holds the lease. Used only by the shard's thread.
 *
 * <p>It takes the oldest rows and publishes them in rounds: the first row of each key in one bulk,
 * then the second row, and so on. A key thus never has two rows in flight, and its order holds
 * whatever the outcome: a row is sent only after the previous one is acknowledged. Rows are deleted
 * once they are acknowledged. A crash in between causes them to be published again; apart from
 * unknown outcomes, that is the only source of duplicates.
 */
final class ShardRelay {

  /** Publishes encoded records: {@code RecordPublisher}, or a test double. */
  interface Way {
    CompletableFuture<BulkResult> publishAll(Iterator<ProducerRecord<byte[], byte[]>> records);
  }

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");

  private static final int MAX_ROWS = 2_000;
  private static final long MAX_BYTES = 8L << 20;
  private static final int MAX_UNDELETED = 500;
  private static final long FIRST_PAUSE_NS = Duration.ofMillis(100).toNanos();
  private static final long LONGEST_PAUSE_NS = Duration.ofSeconds(10).toNanos();

  private final String owner;
  private final int shard;
  private final OutboxTable table;
  private final Lease lease;
  private final Way way;
  private final ClusterNames names;
  private final boolean hold;
  private final RelayCounts counts;

  /** A back-off of a topic that currently accepts no records. */
  private record Pause(long untilNs, long lengthNs) {}

  private final Map<String, Pause> pauses = new HashMap<>();

  /** Acknowledged rows that are not deleted yet; kept across database failures. */
  private final List<Long> published = new ArrayList<>();

  ShardRelay(
      String owner,
      OutboxTable table,
      Lease lease,
      Way way,
      ClusterNames names,
      RelayCounts counts,
      boolean hold) {
    this.owner = owner;
    this.shard = lease.shard();
    this.table = table;
    this.lease = lease;
    this.way = way;
    this.names = names;
    this.counts = counts;
    this.hold = hold;
  }

  /** The result of a step. */
  enum Step {
    /** Another relay has the shard. */
    STANDBY,
    /** There is nothing to publish, or nothing that Kafka currently accepts. */
    IDLE,
    /** Rows were processed, and there may be more. */
    WORKED
  }

  /** Publishes the next rows, if this relay has the shard. */
  Step step() throws InterruptedException {
    deletePublished();
    if (!lease.ensure()) {
      return Step.STANDBY;
    }
    long now = System.nanoTime();
    List<String> waiting =
        pauses.entrySet().stream()
            .filter(entry -> entry.getValue().untilNs - now > 0)
            .map(Map.Entry::getKey)
            .toList();
    List<Row> rows = table.next(shard, waiting, hold, MAX_ROWS, MAX_BYTES);
    if (rows.isEmpty()) {
      return Step.IDLE;
    }
    publish(rows);
    return Step.WORKED;
  }

  private void publish(List<Row> rows) throws InterruptedException {
    Map<Object, Deque<Row>> keys = new LinkedHashMap<>();
    for (Row row : rows) {
      Object key = row.keyHash() == null ? row : row.keyHash(); // rows without a key have no order
      keys.computeIfAbsent(key, unknown -> new ArrayDeque<>()).add(row);
    }
    while (!keys.isEmpty() && lease.keep()) {
      round(keys);
      if (published.size() >= MAX_UNDELETED) {
        deletePublished();
      }
    }
    deletePublished();
  }

  private void deletePublished() throws InterruptedException {
    if (!published.isEmpty()) {
      table.delete(published);
      published.clear();
    }
  }

  /** Publishes the first row of each key, and removes the keys that cannot continue. */
  private void round(Map<Object, Deque<Row>> keys) throws InterruptedException {
    List<Row> heads = new ArrayList<>(keys.size());
    keys.values().forEach(queue -> heads.add(queue.element()));
    BulkResult result = await(way.publishAll(records(heads)));
    Map<Integer, PublishException> failures = new HashMap<>();
    result.failures().forEach(one -> failures.put((int) one.index(), one.exception()));
    Iterator<Deque<Row>> queues = keys.values().iterator();
    for (int i = 0; queues.hasNext(); i++) {
      Deque<Row> queue = queues.next();
      PublishException failure = failures.get(i);
      if (i >= result.taken()) {
        queues.remove(); // not sent; the next step reads it again, in order
      } else if (failure == null) {
        Row row = queue.remove();
        published.add(row.id());
        pauses.remove(row.topic());
        counts.published();
        if (queue.isEmpty()) {
          queues.remove();
        }
      } else if (!settle(queue, failure)) {
        queues.remove();
      }
    }
  }

  /** Handles a row that was not acknowledged; returns whether its key continues in this step. */
  private boolean settle(Deque<Row> queue, PublishException failure) throws InterruptedException {
    Row row = queue.element();
    if (failure instanceof PublishUnknownException) {
      counts.unknown();
    }
    if (mayBeTakenLater(failure)) {
      pause(row.topic(), failure);
      return false;
    }
    Claim claim = lease.claim().orElse(null);
    if (claim == null || !table.park(claim, row.id(), String.valueOf(failure.getMessage()))) {
      return false;
    }
    counts.parked();
    LOG.error(
        "{}: row {} for {} is parked{}: {}",
        owner,
        row.id(),
        row.topic(),
        hold && row.keyHash() != null ? ", and holds back later events of its key" : "",
        failure.getMessage());
    queue.remove();
    return !hold && !queue.isEmpty();
  }

  /**
   * Whether a retry may help. A missing topic or ACL can be added later; a bad record stays bad.
   */
  private static boolean mayBeTakenLater(PublishException failure) {
    return failure instanceof PublishUnknownException
        || failure.isRetryable()
        || failure.getCause() == null // this relay's publisher was closed
        || Thrown.causes(failure).stream()
            .anyMatch(
                cause ->
                    cause instanceof UnknownTopicException || cause instanceof AccessException);
  }

  private void pause(String topic, PublishException why) {
    Pause before = pauses.get(topic);
    long length = before == null ? FIRST_PAUSE_NS : Math.min(LONGEST_PAUSE_NS, before.lengthNs * 2);
    long now = System.nanoTime();
    if (before == null || before.untilNs - now <= 0) {
      pauses.put(topic, new Pause(now + length, length));
      LOG.warn(
          "{}: events for {} wait {} ms: {}", owner, topic, length / 1_000_000, why.getMessage());
    }
  }

  /**
   * Returns the records. The iterator ends when the lease does, since another relay may start then.
   */
  private Iterator<ProducerRecord<byte[], byte[]>> records(List<Row> rows) {
    Iterator<Row> each = rows.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return each.hasNext() && lease.isValid();
      }

      @Override
      public ProducerRecord<byte[], byte[]> next() {
        Row row = each.next();
        return row.record(names.topic(row.topic()));
      }
    };
  }

  /** Waits for the acknowledgements and renews the lease meanwhile, since an outage may be long. */
  private BulkResult await(CompletableFuture<BulkResult> result) throws InterruptedException {
    while (true) {
      try {
        return result.get(lease.keepInterval().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        keepLease();
      } catch (ExecutionException e) {
        throw new IllegalStateException("A bulk always has a result.", e);
      }
    }
  }

  private void keepLease() throws InterruptedException {
    try {
      boolean unused = lease.keep();
    } catch (HermesException e) {
      LOG.debug("{}: the lease of shard {} was not renewed", owner, shard, e); // it may expire
    }
  }
}
