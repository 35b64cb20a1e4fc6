package io.hermes.cli.broker;

import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Rejects an offset that is beyond the end of every partition, because it was probably meant as a
 * time. Stateless.
 */
public final class StartCheck {

  private static final long LEAST_SECONDS = 1_000_000_000; // 2001

  private StartCheck() {}

  /**
   * Queries the brokers if the start is an offset.
   *
   * @throws SettingsException if all partitions end before it
   */
  public static void check(KafkaSettings settings, List<? extends Topic<?>> topics, StartAt from) {
    if (!(from instanceof StartAt.Offset at) || at.offset() == 0) {
      return;
    }
    SortedSet<String> names = new TreeSet<>();
    topics.forEach(topic -> names.add(topic.name()));
    long end = end(settings, names);
    if (at.offset() <= end) {
      return;
    }
    String time =
        at.offset() < LEAST_SECONDS
            ? ""
            : " If it is a time in seconds since 1970, use "
                + Instant.ofEpochSecond(at.offset())
                + ".";
    throw new SettingsException(
        "--from %d is beyond the end of every partition of %s; the longest one ends at %d.%s"
            .formatted(at.offset(), String.join(", ", names), end, time),
        null);
  }

  private static long end(KafkaSettings settings, SortedSet<String> topics) {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    try (TopicAdmin admin = TopicAdmin.connect(settings)) {
      for (String topic : topics) {
        int count = admin.partitions(topic);
        for (int partition = 0; partition < count; partition++) {
          wanted.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
      }
    }
    try (Admin admin = settings.clients().admin(settings.adminProperties(Map.of()))) {
      return admin.listOffsets(wanted).all().get().values().stream()
          .mapToLong(ListOffsetsResultInfo::offset)
          .max()
          .orElse(0);
    } catch (ExecutionException | InterruptedException e) {
      throw KafkaFailures.translate(e, settings.bootstrapServers(), topics.first());
    }
  }
}
