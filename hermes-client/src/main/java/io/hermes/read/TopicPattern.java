package io.hermes.read;

import io.hermes.kafka.KafkaSettings;
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

/** Finds the topics that a reader's pattern matches, now and again. One thread at a time. */
final class TopicPattern {

  private static final String OF_KAFKA = "__";
  private static final long DEFAULT_AGE_MS = TimeUnit.MINUTES.toMillis(5);

  private final Pattern names;
  private final long everyNs;
  private long foundNs = System.nanoTime();

  private TopicPattern(Pattern names, long everyMs) {
    this.names = names;
    this.everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
  }

  static TopicPattern of(Pattern names, KafkaSettings settings) {
    Object age = settings.consumerProperties(Map.of()).get(ConsumerConfig.METADATA_MAX_AGE_CONFIG);
    return new TopicPattern(names, age == null ? DEFAULT_AGE_MS : Long.parseLong(age.toString()));
  }

  boolean isDue(long nowNs) {
    return nowNs - foundNs >= everyNs;
  }

  /** The partitions of all topics that match now and that the principal may see. */
  List<TopicPartition> find(Consumer<?, ?> consumer, Duration timeout) {
    List<TopicPartition> found = new ArrayList<>();
    consumer
        .listTopics(timeout)
        .forEach(
            (topic, partitions) -> {
              if (!topic.startsWith(OF_KAFKA) && names.matcher(topic).matches()) {
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
