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
 * Publishes one shard of an outbox, as long as it has the lease. Only the shard's thread.
 *
 * <p>It takes the oldest rows and publishes them in rounds: the first row of each key in one bulk,
 * then the second one. So a key never has two rows on their way, and its order holds whatever the
 * outcome is: the next one goes out after the receipt of the one before. Rows are deleted after
 * their receipts; a crash in between publishes them again, which is the only way to a duplicate
 * besides an unknown outcome.
 */
final class ShardRelay {

  /** Publishes encoded records: {@code RecordPublisher}, or a test's. */
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

  /** A topic that takes nothing for now, and until when it is left alone. */
  private record Pause(long untilNs, long lengthNs) {}

  private final Map<String, Pause> pauses = new HashMap<>();

  /** Rows that have receipts and are still there; they outlast a failure of the database. */
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

  /** What a step has found. */
  enum Step {
    /** Another relay has the shard. */
    STANDBY,
    /** There is nothing to publish, or nothing that Kafka takes now. */
    IDLE,
    /** There may be more. */
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
      Object key = row.keyHash() == null ? row : row.keyHash(); // without a key, without an order
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

  /** Publishes the first row of each key; keys that cannot go on are taken out. */
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
        queues.remove(); // neither now nor out of turn: the next step reads it again
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

  /** Decides what becomes of a row that has no receipt; whether its key goes on. */
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

  /** Unless it is the record that Kafka refuses: a topic or a right may be missing only today. */
  private static boolean mayBeTakenLater(PublishException failure) {
    return failure instanceof PublishUnknownException
        || failure.isRetryable()
        || failure.getCause() == null // this relay's publisher is closed
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

  /** The records; it ends as soon as the lease does, since another relay may begin then. */
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

  /** Waits for the receipts, and keeps the lease meanwhile: a broker may be away for long. */
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
