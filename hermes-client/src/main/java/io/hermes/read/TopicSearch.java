package io.hermes.read;

import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Periodically finds the topics that match a reader's pattern. For one thread at a time. */
final class TopicSearch {

  private static final long DEFAULT_AGE_MS = TimeUnit.MINUTES.toMillis(5);

  private final TopicPattern pattern;
  private final long everyNs;
  private long foundNs = System.nanoTime();

  private TopicSearch(TopicPattern pattern, long everyMs) {
    this.pattern = pattern;
    this.everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
  }

  static TopicSearch of(Pattern names, KafkaSettings settings) {
    Object age = settings.consumerProperties(Map.of()).get(ConsumerConfig.METADATA_MAX_AGE_CONFIG);
    return new TopicSearch(
        TopicPattern.of(names), age == null ? DEFAULT_AGE_MS : Long.parseLong(age.toString()));
  }

  boolean isDue(long nowNs) {
    return nowNs - foundNs >= everyNs;
  }

  /** The partitions of all topics that currently match and that the principal may describe. */
  List<TopicPartition> find(Consumer<?, ?> consumer, Duration timeout) {
    List<TopicPartition> found = new ArrayList<>();
    consumer
        .listTopics(timeout)
        .forEach(
            (topic, partitions) -> {
              if (pattern.matches(topic)) {
                found.addAll(partitions(topic, partitions));
              }
            });
    foundNs = System.nanoTime();
    return found;
  }

  static List<TopicPartition> partitions(String topic, List<PartitionInfo> infos) {
    return infos.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }
}
