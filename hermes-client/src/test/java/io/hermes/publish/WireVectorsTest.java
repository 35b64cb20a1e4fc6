package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The vectors that hermes-schema ships for readers and writers of other languages. */
@KafkaTest
class WireVectorsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Kafka kafka;
  private final Struct vectors = vectors();

  WireVectorsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void everyKeyIsInThePartitionThatTheVectorsSay() {
    for (int partitions : new int[] {3, 12, 100}) {
      Topic<UserEvent> topic = Events.newTopic(kafka, partitions);
      try (var publisher = open(topic)) {
        partitionsByKey(partitions)
            .forEach(
                (key, partition) ->
                    assertThat(publisher.publishAndWait(Events.login(key, 1), TIMEOUT).partition())
                        .as("%s of %d", key, partitions)
                        .isEqualTo(partition));
      }
    }
  }

  @Test
  @Tag("full")
  void librdkafkaPutsEveryKeyIntoTheSamePartition() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 12);
    Process kcat =
        new ProcessBuilder(
                List.of(
                    "kcat",
                    "-P",
                    "-b",
                    kafka.bootstrapServers(),
                    "-t",
                    topic.name(),
                    "-K",
                    "\t",
                    "-X",
                    "partitioner=murmur2_random"))
            .inheritIO()
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    try (OutputStream in = kcat.getOutputStream()) {
      for (String key : partitionsByKey(12).keySet()) {
        in.write((key + "\tvalue\n").getBytes(UTF_8));
      }
    }
    assertThat(kcat.waitFor(30, SECONDS)).isTrue();
    assertThat(kcat.exitValue()).isZero();
    Map<String, Integer> seen = new HashMap<>();
    for (var record : RawRecords.readAll(kafka, topic.name())) {
      seen.put(new String(record.key(), UTF_8), record.partition());
    }
    assertThat(seen).isEqualTo(partitionsByKey(12));
  }

  @Test
  void everyEventBecomesTheBytesAndHeadersThatTheVectorsSay() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    List<Struct> events = list("events");
    try (var publisher = open(topic)) {
      for (Struct vector : events) {
        UserEvent.Builder event = UserEvent.newBuilder();
        JsonFormat.parser()
            .merge(JsonFormat.printer().print(vector.getFieldsOrThrow("event")), event);
        publisher.publishAndWait(event.build(), TIMEOUT);
      }
    }
    List<ConsumerRecord<byte[], byte[]>> records = RawRecords.readAll(kafka, topic.name());
    assertThat(records).hasSameSizeAs(events);
    for (int i = 0; i < events.size(); i++) {
      Struct vector = events.get(i);
      ConsumerRecord<byte[], byte[]> record = records.get(i);
      assertThat(record.key()).asString(UTF_8).isEqualTo(text(vector, "key"));
      assertThat(HexFormat.of().formatHex(record.value())).isEqualTo(text(vector, "valueHex"));
      Struct headers = vector.getFieldsOrThrow("headers").getStructValue();
      assertThat(record.headers().toArray()).hasSize(headers.getFieldsCount());
      headers
          .getFieldsMap()
          .forEach(
              (name, value) ->
                  assertThat(EventHeaders.text(record.headers(), name))
                      .isEqualTo(value.getStringValue()));
    }
  }

  private HermesPublisher<UserEvent> open(Topic<UserEvent> topic) {
    return HermesPublisher.builder(topic)
        .settings(KafkaSettings.of(kafka.bootstrapServers()))
        .open();
  }

  private Map<String, Integer> partitionsByKey(int partitions) {
    Map<String, Integer> byKey = new HashMap<>();
    for (Struct vector : list("partitions")) {
      Value partition = vector.getFieldsOrThrow("of" + partitions);
      byKey.put(text(vector, "key"), (int) partition.getNumberValue());
    }
    assertThat(byKey).hasSizeGreaterThan(10);
    return byKey;
  }

  private List<Struct> list(String name) {
    return vectors.getFieldsOrThrow(name).getListValue().getValuesList().stream()
        .map(Value::getStructValue)
        .toList();
  }

  private static String text(Struct vector, String name) {
    return vector.getFieldsOrThrow(name).getStringValue();
  }

  private static Struct vectors() {
    try (InputStream in = UserEvent.class.getResourceAsStream("/META-INF/hermes/vectors.json")) {
      assertThat(in).isNotNull();
      Struct.Builder vectors = Struct.newBuilder();
      JsonFormat.parser().merge(new String(in.readAllBytes(), UTF_8), vectors);
      return vectors.build();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
