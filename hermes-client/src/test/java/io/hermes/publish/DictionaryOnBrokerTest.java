package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.Topic;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** What a dictionary saves where batches cannot: one event at a time, counted by the broker. */
@KafkaTest
class DictionaryOnBrokerTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Kafka kafka;
  private final KafkaSettings settings;
  private final List<UserEvent> heldOut = events(100_000, 200);
  private final ZstdOptions dictionary;

  DictionaryOnBrokerTest(Kafka kafka) {
    this.kafka = kafka;
    this.settings = KafkaSettings.of(kafka.bootstrapServers());
    List<byte[]> samples = events(0, 1_000).stream().map(UserEvent::toByteArray).toList();
    ZstdDictionary trained = ZstdDictionary.train(samples, 16 << 10, 40_000);
    this.dictionary = ZstdOptions.builder().dictionaries(List.of(trained)).build();
  }

  @Test
  void singleEventsTakeAThirdLessOnTheBroker() throws Exception {
    Topic<UserEvent> without = topic(Encoding.PLAIN);
    Topic<UserEvent> with = topic(Encoding.ZSTD);
    long plain = publishOneAtATime(without, ZstdOptions.defaults());
    long framed = publishOneAtATime(with, dictionary);

    long size = heldOut.stream().mapToLong(UserEvent::getSerializedSize).sum();
    assertThat(plain).isEqualTo(size);
    assertThat((double) size / framed).isGreaterThan(2.3);
    assertThat(stored(with)).isPositive().isLessThanOrEqualTo(stored(without) * 65 / 100);

    try (var reader =
        HermesReader.builder(List.of(with)).settings(settings).zstd(dictionary).toEnd().open()) {
      for (UserEvent event : heldOut) {
        assertThat(reader.iterator().next().event()).isEqualTo(event);
      }
      assertThat(reader.iterator().hasNext()).isFalse();
    }
  }

  private Topic<UserEvent> topic(Encoding encoding) {
    return Topic.builder(UserEvent.class, kafka.uniqueTopic("dictionary", 1))
        .keyField("user_id")
        .typeField("event_type")
        .encoding(encoding)
        .build();
  }

  /** Each waits for its receipt, so each is a batch. Returns the bytes of the values. */
  private long publishOneAtATime(Topic<UserEvent> topic, ZstdOptions options) {
    long bytes = 0;
    try (var publisher = HermesPublisher.builder(topic).settings(settings).zstd(options).open()) {
      for (UserEvent event : heldOut) {
        bytes += publisher.publishAndWait(event, TIMEOUT).valueBytes();
      }
    }
    return bytes;
  }

  private long stored(Topic<UserEvent> topic) throws Exception {
    try (Admin admin = Admin.create(settings.adminProperties(Map.of()))) {
      List<Integer> brokers =
          admin.describeCluster().nodes().get(10, SECONDS).stream().map(node -> node.id()).toList();
      return admin.describeLogDirs(brokers).allDescriptions().get(10, SECONDS).values().stream()
          .flatMap(directories -> directories.values().stream())
          .flatMap(directory -> directory.replicaInfos().entrySet().stream())
          .filter(replica -> replica.getKey().topic().equals(topic.name()))
          .mapToLong(replica -> replica.getValue().size())
          .sum();
    }
  }

  /** Those of other seeds have not been seen. */
  private static List<UserEvent> events(int firstSeed, int count) {
    return IntStream.range(firstSeed, firstSeed + count).mapToObj(Events::typical).toList();
  }
}
