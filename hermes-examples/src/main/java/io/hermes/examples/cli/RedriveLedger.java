package io.hermes.examples.cli;

import io.hermes.examples.cli.DeadLetterTopics.Span;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters of a topic were put back, one by one, whatever filters the commands had. The
 * brokers keep it as commits of consumer groups that have no members: group <i>n</i> is for the
 * <i>n</i>th 20,000 offsets of each partition, since metadata of a commit takes 4,096 bytes. The
 * committed offset is that of the first dead letter not put back. Used by one thread.
 */
final class RedriveLedger {

  static final int PAGE = 20_000; // 3,336 characters in Base64

  private static final String FORMAT = "1";

  private final DeadLetterTopics cluster;
  private final String topic;
  private final Uuid id;

  /** By page, then by partition: a bit for each offset. */
  private final Map<Long, Map<Integer, BitSet>> pages = new TreeMap<>();

  /** What is not committed yet. */
  private final Map<Long, Map<Integer, BitSet>> changed = new TreeMap<>();

  private RedriveLedger(DeadLetterTopics cluster, String topic) {
    this.cluster = cluster;
    this.topic = topic;
    this.id = cluster.id(topic);
  }

  /**
   * Reads what is noted of these offsets.
   *
   * @param spans the partitions with their offsets
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
    List<TopicPartition> partitions = new ArrayList<>();
    spans.keySet().forEach(partition -> partitions.add(new TopicPartition(topic, partition)));
    pageOf
        .keySet()
        .forEach(
            group ->
                wanted.put(group, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)));
    if (!wanted.isEmpty()) {
      cluster
          .await(cluster.admin().listConsumerGroupOffsets(wanted).all(), topic)
          .forEach(
              (group, commits) ->
                  commits.forEach(
                      (partition, commit) ->
                          ledger.read(
                              Objects.requireNonNull(pageOf.get(group)),
                              partition.partition(),
                              commit)));
    }
    return ledger;
  }

  private String group(long page) {
    return "hermes-redrive." + topic + "." + page;
  }

  /** A note of an earlier topic of this name says nothing of this one. */
  private void read(long page, int partition, @Nullable OffsetAndMetadata commit) {
    if (commit == null) {
      return;
    }
    String[] parts = commit.metadata().split(" ", -1);
    if (parts.length == 3 && parts[0].equals(FORMAT) && parts[1].equals(id.toString())) {
      bits(pages, page, partition).or(BitSet.valueOf(Base64.getDecoder().decode(parts[2])));
    }
  }

  private static BitSet bits(Map<Long, Map<Integer, BitSet>> pages, long page, int partition) {
    return pages
        .computeIfAbsent(page, p -> new TreeMap<>())
        .computeIfAbsent(partition, p -> new BitSet(PAGE));
  }

  boolean has(int partition, long offset) {
    return bits(pages, offset / PAGE, partition).get((int) (offset % PAGE));
  }

  /** Notes an offset, for the next {@link #commit()}. */
  void add(int partition, long offset) {
    long page = offset / PAGE;
    BitSet bits = bits(pages, page, partition);
    bits.set((int) (offset % PAGE));
    changed.computeIfAbsent(page, p -> new TreeMap<>()).put(partition, bits);
  }

  /** Writes what was noted; once it returns a broker has it. */
  void commit() {
    changed.forEach(
        (page, partitions) -> {
          Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
          partitions.forEach(
              (partition, bits) ->
                  commits.put(
                      new TopicPartition(topic, partition),
                      new OffsetAndMetadata(
                          page * PAGE + bits.nextClearBit(0),
                          FORMAT
                              + " "
                              + id
                              + " "
                              + Base64.getEncoder().encodeToString(bits.toByteArray()))));
          cluster.await(
              cluster.admin().alterConsumerGroupOffsets(group(page), commits).all(), topic);
        });
    changed.clear();
  }
}
