package io.hermes.read;

import io.hermes.CorruptBatchException;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.KafkaFailures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of assigned partitions from their start positions to their ends, or without end. For
 * one thread at a time, except {@link #wakeup()}, which any thread may call.
 *
 * <p>The consumer's position determines whether a partition is at its end, not the offset of its
 * last record: transaction markers, aborted records and compaction leave offsets without a record.
 */
final class RecordSource {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.read");
  private static final Duration LOOKUP = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final Duration CHECK = Duration.ofSeconds(1);
  private static final long VANISHED_NS = TimeUnit.SECONDS.toNanos(2);

  /**
   * How long a bounded reader waits for brokers that stopped responding; longer than a failover.
   */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final String where;
  private final Set<String> topics;

  /** The ends of the partitions that are not yet read to their end; empty if endless. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  /** The ends of all partitions; empty if endless. */
  private final Map<TopicPartition, Long> limits = new HashMap<>();

  private final boolean bounded;
  private final @Nullable TopicSearch search;
  private Iterator<ConsumerRecord<byte[], byte[]>> fetched = Collections.emptyIterator();
  private long answeredNs = System.nanoTime();
  private long checkedNs = answeredNs;
  private final Map<String, Long> missingSinceNs = new HashMap<>();

  /**
   * Seeks the consumer to the start positions.
   *
   * @param consumer has the partitions assigned; owned by this object from now on
   * @param where the bootstrap servers, for messages
   * @param starts the first offset to read of each partition
   * @param limits the offset at which each partition ends; null if endless
   * @param search finds topics that are created later, for an endless reader; null for none
   */
  RecordSource(
      Consumer<byte[], byte[]> consumer,
      String where,
      Map<TopicPartition, Long> starts,
      @Nullable Map<TopicPartition, Long> limits,
      @Nullable TopicSearch search) {
    this.consumer = consumer;
    this.where = where;
    this.bounded = limits != null;
    this.search = bounded ? null : search;
    starts.forEach(consumer::seek);
    this.topics = topicsOf(starts.keySet());
    if (limits != null) {
      ends.putAll(limits);
      this.limits.putAll(limits);
      starts.forEach(this::finishAtEnd);
    }
  }

  /** The next fetched record; null if another fetch is needed, or the end is reached. */
  @Nullable ConsumerRecord<byte[], byte[]> next() {
    while (fetched.hasNext()) {
      ConsumerRecord<byte[], byte[]> record = fetched.next();
      if (!bounded || record.offset() < limit(record)) {
        return record;
      }
    }
    return null;
  }

  private long limit(ConsumerRecord<?, ?> record) {
    return limits.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L);
  }

  /** Whether every partition is read to its end. {@link #next()} may still have records. */
  boolean isAtEnd() {
    return bounded && ends.isEmpty();
  }

  /**
   * Fetches records when {@link #next()} has none left. Returns without records if none arrive
   * within the timeout or within a second, or if the position moved over offsets without a record.
   *
   * @param timeout how long to wait; it can take a few seconds longer to check why no records
   *     arrive
   * @throws WakeupException if {@link #wakeup()} was called
   */
  void fetch(Duration timeout) {
    try {
      poll(timeout.compareTo(CHECK) < 0 ? timeout : CHECK);
      if (!isAtEnd()) {
        checkIfDue();
      }
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      throw failure(e);
    } catch (Error e) {
      SettingsException unusable = NativeLibrary.explain(e); // Kafka wraps only the errors of zstd
      if (unusable != null) {
        throw unusable;
      }
      throw e;
    }
  }

  private void poll(Duration timeout) {
    try {
      if (topics.isEmpty()) {
        await(timeout); // Kafka's consumer throws if nothing is assigned
        return;
      }
      ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
      fetched = inOrder(records);
      boolean progress = !records.isEmpty();
      for (TopicPartition partition : List.copyOf(ends.keySet())) {
        progress |= finishAtEnd(partition, position(partition));
      }
      if (progress) {
        answeredNs = System.nanoTime();
      }
    } catch (OffsetOutOfRangeException e) {
      relocate(e.offsetOutOfRangePartitions());
    }
  }

  /**
   * Avoids the iterator of ConsumerRecords: an OpenTelemetry agent creates a span for each of its
   * steps, and leaves the last record's span current on the reader's thread.
   */
  private static Iterator<ConsumerRecord<byte[], byte[]>> inOrder(
      ConsumerRecords<byte[], byte[]> records) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>(records.count());
    for (TopicPartition partition : records.partitions()) {
      all.addAll(records.records(partition));
    }
    return all.iterator();
  }

  private void await(Duration timeout) {
    LockSupport.parkNanos(this, timeout.toNanos());
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptException("Interrupted while waiting for a matching topic.");
    }
  }

  /** The consumer's position; -1 if the brokers must be asked for it first. */
  private long position(TopicPartition partition) {
    try {
      return consumer.position(partition, Duration.ZERO);
    } catch (TimeoutException e) {
      return -1;
    }
  }

  private boolean finishAtEnd(TopicPartition partition, long position) {
    Long end = ends.get(partition);
    if (end == null || position < end) {
      return false;
    }
    ends.remove(partition);
    consumer.pause(List.of(partition));
    return true;
  }

  /** Seeks after retention or an administrator removed records, or the topic was recreated. */
  private void relocate(Map<TopicPartition, Long> outOfRange) {
    Collection<TopicPartition> partitions = outOfRange.keySet();
    try {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, LOOKUP);
      Map<TopicPartition, Long> newEnds = consumer.endOffsets(partitions, LOOKUP);
      outOfRange.forEach(
          (partition, position) -> {
            long begin = Objects.requireNonNull(begins.get(partition));
            boolean shorter = position > Objects.requireNonNull(newEnds.get(partition));
            long nearest = shorter ? begin : Math.max(begin, position);
            LOG.warn(
                "Reader: {} no longer has offset {}; reading continues at {}",
                partition,
                position,
                nearest);
            consumer.seek(partition, nearest);
            finishAtEnd(partition, shorter ? Long.MAX_VALUE : nearest);
          });
    } catch (TimeoutException e) {
      LOG.debug("The offset lookup timed out; the next poll repeats it", e);
    }
  }

  /** Checks for changes once a second; a bounded reader does so only while no records arrive. */
  private void checkIfDue() {
    long now = System.nanoTime();
    long sinceNs = bounded ? Math.max(answeredNs, checkedNs) : checkedNs;
    if (now - sinceNs < CHECK.toNanos()) {
      return;
    }
    checkedNs = now;
    try {
      for (String topic : bounded ? topicsOf(ends.keySet()) : List.copyOf(topics)) {
        check(topic, consumer.partitionsFor(topic, LOOKUP), now);
      }
      if (search != null && search.isDue(now)) {
        readNewPartitions(search.find(consumer, LOOKUP));
      }
      if (bounded && missingSinceNs.isEmpty()) {
        lowerEnds(consumer.endOffsets(List.copyOf(ends.keySet()), LOOKUP));
        answeredNs = now;
      }
    } catch (TimeoutException e) {
      if (bounded && now - answeredNs > PATIENCE.toNanos()) {
        throw e;
      }
    }
  }

  /** Lowers ends that a truncated or recreated partition may never reach again. */
  private void lowerEnds(Map<TopicPartition, Long> now) {
    now.forEach(
        (partition, end) -> {
          if (end < ends.getOrDefault(partition, 0L)) {
            ends.put(partition, end);
            finishAtEnd(partition, position(partition));
          }
        });
  }

  private void check(String topic, @Nullable List<PartitionInfo> found, long now) {
    if (found == null || found.isEmpty()) {
      // A broker that has just started may not know of all topics yet.
      if (now - missingSinceNs.computeIfAbsent(topic, t -> now) >= VANISHED_NS) {
        vanished(topic);
      }
      return;
    }
    missingSinceNs.remove(topic);
    if (!bounded) {
      readNewPartitions(TopicSearch.partitions(topic, found));
    }
  }

  private void vanished(String topic) {
    if (search == null) {
      throw KafkaFailures.translate(new UnknownTopicOrPartitionException(topic), where, topic);
    }
    LOG.info("Reader: topic {} no longer exists", topic);
    missingSinceNs.remove(topic);
    topics.remove(topic);
    Set<TopicPartition> left = new HashSet<>(consumer.assignment());
    left.removeIf(partition -> partition.topic().equals(topic));
    consumer.assign(left);
  }

  private void readNewPartitions(Collection<TopicPartition> found) {
    Set<TopicPartition> assigned = consumer.assignment();
    List<TopicPartition> added = new ArrayList<>(found);
    added.removeAll(assigned);
    if (!added.isEmpty()) {
      LOG.info("Reader: new partitions are read from their beginning: {}", added);
      Set<TopicPartition> all = new HashSet<>(assigned);
      all.addAll(added);
      consumer.assign(all);
      topics.addAll(topicsOf(added));
      added.forEach(partition -> consumer.seek(partition, 0));
    }
  }

  private HermesException failure(KafkaException e) {
    TopicPartition unreadable = KafkaFailures.unreadablePartition(e, consumer.assignment());
    if (unreadable != null && NativeLibrary.explain(e) == null) {
      return new CorruptBatchException(
          unreadable.topic(), unreadable.partition(), position(unreadable), e);
    }
    return KafkaFailures.translate(e, where, String.join(", ", topics));
  }

  private static Set<String> topicsOf(Collection<TopicPartition> partitions) {
    Set<String> names = new TreeSet<>();
    partitions.forEach(partition -> names.add(partition.topic()));
    return names;
  }

  /** Makes the current fetch, or the next one, throw {@link WakeupException}. */
  void wakeup() {
    consumer.wakeup();
  }

  void close() {
    close(consumer);
  }

  static void close(Consumer<?, ?> consumer) {
    boolean interrupted =
        Thread.interrupted(); // Kafka would not close a consumer on an interrupted thread
    try {
      consumer.close(CloseOptions.timeout(CLOSE));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
