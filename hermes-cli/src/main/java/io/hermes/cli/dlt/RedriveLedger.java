package io.hermes.cli.dlt;

import io.hermes.HermesException;
import io.hermes.cli.dlt.DeadLetterTopics.Span;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which dead-letter records of a topic were redriven, one by one, whatever filters the
 * commands had. The brokers store it as commits of consumer groups without members. Group <i>n</i>
 * holds the <i>n</i>th 20,000 offsets of each partition, because the metadata of a commit is
 * limited to 4,096 bytes. Its committed offset is that of the first record not redriven. Used by
 * one thread.
 */
final class RedriveLedger {

  static final int PAGE = 20_000; // 3,336 characters in Base64

  private static final String FORMAT = "1";

  private final DeadLetterTopics cluster;
  private final String topic;
  private final Uuid id;

  /** By page, then by partition: a bit for each offset. */
  private final Map<Long, Map<Integer, BitSet>> pages = new TreeMap<>();

  /** Changes that are not committed yet. */
  private final Map<Long, Map<Integer, BitSet>> changed = new TreeMap<>();

  /** The commits on the brokers, as far as this process knows. */
  private final Map<Long, Map<Integer, String>> known = new HashMap<>();

  private RedriveLedger(DeadLetterTopics cluster, String topic) {
    this.cluster = cluster;
    this.topic = topic;
    this.id = cluster.id(topic);
  }

  /**
   * Reads the ledger for these offsets.
   *
   * @param spans the offsets of each partition
   */
  static RedriveLedger load(DeadLetterTopics cluster, String topic, Map<Integer, Span> spans) {
    RedriveLedger ledger = new RedriveLedger(cluster, topic);
    Map<String, ListConsumerGroupOffsetsSpec> wanted = new HashMap<>();
    Map<String, Long> pageOf = new HashMap<>();
    spans.forEach(
        (partition, span) -> {
          for (long page = span.begin() / PAGE; page * PAGE < span.end(); page++) {
            pageOf.put(ledger.group(page), page);
          }
        });
    pageOf.keySet().forEach(group -> wanted.put(group, ledger.spec(spans.keySet())));
    ledger
        .notes(wanted)
        .forEach(
            (group, notes) -> {
              long page = Objects.requireNonNull(pageOf.get(group));
              notes.forEach((partition, note) -> ledger.read(page, partition.partition(), note));
            });
    return ledger;
  }

  private ListConsumerGroupOffsetsSpec spec(Set<Integer> partitions) {
    return new ListConsumerGroupOffsetsSpec()
        .topicPartitions(
            partitions.stream().map(partition -> new TopicPartition(topic, partition)).toList());
  }

  private Map<String, Map<TopicPartition, OffsetAndMetadata>> notes(
      Map<String, ListConsumerGroupOffsetsSpec> groups) {
    return groups.isEmpty()
        ? Map.of()
        : cluster.await(cluster.admin().listConsumerGroupOffsets(groups).all(), topic);
  }

  private String group(long page) {
    return cluster.names().ledger(topic, page);
  }

  /** Adds what a commit says, unless it was for an earlier topic of the same name. */
  private void read(long page, int partition, @Nullable OffsetAndMetadata commit) {
    if (commit == null) {
      return;
    }
    known(page, partition, commit);
    String[] parts = commit.metadata().split(" ", -1);
    if (parts.length == 3 && parts[0].equals(FORMAT) && parts[1].equals(id.toString())) {
      bits(pages, page, partition).or(BitSet.valueOf(Base64.getDecoder().decode(parts[2])));
    }
  }

  private void known(long page, int partition, OffsetAndMetadata commit) {
    known.computeIfAbsent(page, p -> new HashMap<>()).put(partition, commit.metadata());
  }

  private static BitSet bits(Map<Long, Map<Integer, BitSet>> pages, long page, int partition) {
    return pages
        .computeIfAbsent(page, p -> new TreeMap<>())
        .computeIfAbsent(partition, p -> new BitSet(PAGE));
  }

  boolean has(int partition, long offset) {
    return bits(pages, offset / PAGE, partition).get((int) (offset % PAGE));
  }

  /** Records an offset as redriven, for the next {@link #commit()}. */
  void add(int partition, long offset) {
    long page = offset / PAGE;
    BitSet bits = bits(pages, page, partition);
    bits.set((int) (offset % PAGE));
    changed.computeIfAbsent(page, p -> new TreeMap<>()).put(partition, bits);
  }

  /**
   * Commits the changes. When it returns, a broker has stored them.
   *
   * @throws HermesException if another process has made changes in the meantime; the changes of
   *     both are committed
   */
  void commit() {
    boolean alone = true;
    for (Map.Entry<Long, Map<Integer, BitSet>> entry : changed.entrySet()) {
      long page = entry.getKey();
      Map<Integer, BitSet> partitions = entry.getValue();
      alone &= isAsLeft(page, partitions.keySet());
      Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
      partitions.forEach(
          (partition, bits) ->
              commits.put(
                  new TopicPartition(topic, partition),
                  new OffsetAndMetadata(page * PAGE + bits.nextClearBit(0), note(bits))));
      cluster.await(cluster.admin().alterConsumerGroupOffsets(group(page), commits).all(), topic);
      commits.forEach((partition, commit) -> known(page, partition.partition(), commit));
    }
    changed.clear();
    if (!alone) {
      throw new HermesException(
          "Another redrive of "
              + topic
              + " is running, so some records may have been redriven twice.",
          "Let one finish before you start the other.",
          null);
    }
  }

  /** Whether the commits are as this process last read or wrote them; merges any changes. */
  private boolean isAsLeft(long page, Set<Integer> partitions) {
    boolean same = true;
    String group = group(page);
    Map<TopicPartition, OffsetAndMetadata> found =
        notes(Map.of(group, spec(partitions))).get(group);
    for (Map.Entry<TopicPartition, OffsetAndMetadata> entry :
        Objects.requireNonNull(found).entrySet()) {
      int partition = entry.getKey().partition();
      OffsetAndMetadata note = entry.getValue();
      String before = known.getOrDefault(page, Map.of()).get(partition);
      if (note != null && !note.metadata().equals(before)) {
        read(page, partition, note);
        same = false;
      }
    }
    return same;
  }

  private String note(BitSet bits) {
    return FORMAT + " " + id + " " + Base64.getEncoder().encodeToString(bits.toByteArray());
  }
}
