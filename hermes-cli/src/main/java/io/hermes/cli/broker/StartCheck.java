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

/** Refuses an offset that no partition has: most likely it was meant as a time. Stateless. */
public final class StartCheck {

  private static final long LEAST_SECONDS = 1_000_000_000; // 2001

  private StartCheck() {}

  /**
   * Asks the brokers, if the start is an offset.
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
            : " If it is a time in seconds since 1970, give "
                + Instant.ofEpochSecond(at.offset())
                + ".";
    throw new SettingsException(
        "--from %d is an offset behind the end of every partition of %s; the last one ends at %d.%s"
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
