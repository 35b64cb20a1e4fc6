package io.hermes.cli.dlt;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.UnknownTopicException;
import io.hermes.cli.console.Stop;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.DeadLetterName;
import io.hermes.cli.contracts.Names;
import io.hermes.kafka.AdminClients;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.read.HermesReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The dead-letter topics of a cluster. Used by one thread. */
final class DeadLetterTopics implements AutoCloseable {

  private static final Duration WAIT = Duration.ofMillis(200); // how soon it sees Ctrl-C
  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final int TIMEOUT_MS = 30_000;

  private final KafkaSettings settings;
  private final Contracts contracts;
  private final Names names;
  private final TopicAdmin topics;
  private final Admin admin;
  private final Map<String, Boolean> existing = new HashMap<>();

  private DeadLetterTopics(KafkaSettings settings, Contracts contracts, Names names) {
    this.settings = settings;
    this.contracts = contracts;
    this.names = names;
    this.topics = TopicAdmin.connect(settings);
    Map<String, Object> config =
        settings.adminProperties(
            Map.of(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS));
    ClientIds.assign(config, "admin");
    this.admin = settings.clients().admin(config);
  }

  static DeadLetterTopics connect(KafkaSettings settings, Contracts contracts, Names names) {
    return new DeadLetterTopics(settings, contracts, names);
  }

  /** Rejects a name that is not a dead-letter topic's. */
  static void check(String topic) {
    if (!DeadLetterName.isTopic(topic)) {
      throw new SettingsException(
          topic
              + " is not a dead-letter topic. Their names end with -dlt, such as "
              + (topic.isEmpty() ? "user.events" : topic)
              + "-dlt.",
          null);
    }
  }

  /** The dead-letter topics of this environment. */
  List<String> topics() {
    return await(admin.listTopics().names(), null).stream()
        .filter(DeadLetterName::isTopic)
        .filter(names::isOwn)
        .sorted()
        .toList();
  }

  Names names() {
    return names;
  }

  String where() {
    return settings.bootstrapServers();
  }

  Admin admin() {
    return admin;
  }

  Uuid id(String topic) {
    return topics.id(topic);
  }

  /** Whether a topic exists; queried once for each topic. */
  boolean exists(String topic) {
    return existing.computeIfAbsent(
        topic,
        name -> {
          try {
            topics.partitions(name);
            return true;
          } catch (UnknownTopicException e) {
            return false;
          }
        });
  }

  /**
   * The offsets in a partition.
   *
   * @param begin the first existing offset
   * @param end the offset after the last one
   */
  record Span(long begin, long end) {}

  /**
   * The offsets of each partition.
   *
   * @throws UnknownTopicException if the topic does not exist
   */
  Map<Integer, Span> spans(String topic) {
    Map<Integer, Long> ends = offsets(topic, OffsetSpec.latest());
    Map<Integer, Span> spans = new TreeMap<>();
    offsets(topic, OffsetSpec.earliest())
        .forEach(
            (partition, begin) -> {
              long end = ends.getOrDefault(partition, begin);
              spans.put(partition, new Span(begin, end));
            });
    return spans;
  }

  /** An offset for each partition; -1 if no record has that time or a later one. */
  Map<Integer, Long> offsets(String topic, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    int count = topics.partitions(topic);
    for (int partition = 0; partition < count; partition++) {
      wanted.put(new TopicPartition(topic, partition), spec);
    }
    Map<Integer, Long> offsets = new TreeMap<>();
    Map<TopicPartition, ListOffsetsResultInfo> found =
        await(admin.listOffsets(wanted).all(), topic);
    found.forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
    return offsets;
  }

  /**
   * Passes on all records from a position to the current end, or until Ctrl-C.
   *
   * @param wantsMore takes a record, and returns whether it wants another one
   */
  void forEach(
      String topic, StartAt from, Stop stop, Predicate<EventRecord<DynamicMessage>> wantsMore) {
    try (HermesReader<DynamicMessage> reader = read(topic, from)) {
      boolean more = true;
      while (more && !stop.isRequested() && !reader.isEnded()) {
        EventRecord<DynamicMessage> record = reader.poll(WAIT);
        more = record == null || wantsMore.test(record);
      }
    }
  }

  /** Reads all records from a position to the current end. */
  HermesReader<DynamicMessage> read(String topic, StartAt from) {
    return HermesReader.<DynamicMessage>builder(contracts.toRead(topic))
        .settings(settings)
        .from(from)
        .toEnd()
        .open();
  }

  /** Waits for a broker's response. */
  <T> T await(KafkaFuture<T> future, @Nullable String topic) {
    return AdminClients.await(future, TIMEOUT_MS, where(), topic);
  }

  @Override
  public void close() {
    topics.close();
    admin.close(CLOSE);
  }
}
