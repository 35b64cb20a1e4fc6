package io.hermes.read;

import static io.hermes.read.Written.event;
import static io.hermes.read.Written.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufSerializer;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KafkaTest
@Timeout(60)
class ReaderTypesTest {

  private final Kafka kafka;

  ReaderTypesTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aRecordThatCannotBeDecodedIsReadWithItsReasonAndDoesNotEndTheIteration() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 1);
      written.sendRaw(new byte[] {0x0A, 0x7F}, null);
      written.sendRaw(null, null);
      written.sendRaw(event(2).toByteArray(), "some.Other");
      written.sendRaw(event(3).toByteArray(), null);
      written.sendRaw(new byte[0], null);

      List<EventRecord<UserEvent>> records = readAll(written.reader());

      assertThat(records).hasSize(6);
      assertThat(records.get(0).event()).isEqualTo(event(1));
      assertThatThrownBy(records.get(1)::event)
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining(written.topic.name() + "-0@1 cannot be decoded: ");
      assertThat(records.get(1).rawValue()).containsExactly(0x0A, 0x7F);
      assertThat(records.get(2).isTombstone()).isTrue();
      assertThatThrownBy(records.get(3)::event)
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageEndingWith(
              "its message-type is some.Other, but this reader only knows"
                  + " hermes.events.v1.UserEvent. Add the contract of that type.");
      assertThat(records.get(4).event()).isEqualTo(event(3));
      assertThat(records.get(5).event()).isEqualTo(UserEvent.getDefaultInstance());
    }
  }

  @Test
  void readsZstdValuesUpToItsLimit() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      UserEvent event = event(1).toBuilder().setEventId("x".repeat(1000)).build();
      var record = written.record(0, null, event);
      byte[] frame;
      try (var serializer =
          new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, ZstdOptions.defaults())) {
        frame = serializer.serialize(written.topic.name(), record.headers(), event);
      }
      written.send(
          new ProducerRecord<>(written.topic.name(), 0, record.key(), frame, record.headers()));

      EventRecord<UserEvent> read = readAll(written.reader()).get(0);
      assertThat(read.encoding()).isEqualTo(Encoding.ZSTD);
      assertThat(read.rawValue()).isEqualTo(frame);
      assertThat(read.event()).isEqualTo(event); // the reader is closed by now

      ZstdOptions small = ZstdOptions.builder().maxEventBytes(999).build();
      assertThatThrownBy(readAll(written.reader().zstd(small)).get(0)::event)
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("999");
    }
  }

  @Test
  void severalTypesAndTopicsAreToldApartByTheirHeader() throws Exception {
    try (Written shared = new Written(kafka, 1);
        Written other = new Written(kafka, 1)) {
      Topic<StringValue> texts =
          Topic.builder(StringValue.class, shared.topic.name()).keyField("value").shared().build();
      StringValue text = StringValue.of("text");
      shared.write(0, 1, 1);
      shared.send(record(texts, 0, null, text));
      shared.sendRaw(event(2).toByteArray(), null);
      other.write(0, 3, 3);

      List<EventRecord<Message>> records =
          readAll(
              HermesReader.<Message>builder(List.of(shared.topic, texts, other.topic))
                  .settings(shared.settings()));

      List<EventRecord<Message>> ofShared =
          records.stream().filter(r -> r.topic().equals(texts.name())).toList();
      assertThat(ofShared).hasSize(3);
      assertThat(ofShared.get(0).event()).isEqualTo(event(1));
      assertThat(ofShared.get(1).event()).isEqualTo(text);
      assertThatThrownBy(ofShared.get(2)::event)
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("no message-type header")
          .hasMessageContaining("hermes.events.v1.UserEvent");
      assertThat(records.stream().filter(r -> r.topic().equals(other.topic.name())))
          .singleElement()
          .extracting(EventRecord::event)
          .isEqualTo(event(3));
    }
  }

  @Test
  void withoutTheHeaderASharedTopicSaysNothingOfTheTypeEvenToWhoKnowsOnlyOne() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.sendRaw(event(1).toByteArray(), null);
      Topic<UserEvent> shared =
          Topic.builder(UserEvent.class, written.topic.name()).keyField("user_id").shared().build();

      List<EventRecord<UserEvent>> records =
          readAll(HermesReader.builder(shared).settings(written.settings()));

      assertThatThrownBy(records.get(0)::event)
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("no " + EventHeaders.MESSAGE_TYPE + " header");
    }
  }

  @Test
  void readsMessagesWithoutAClass() throws Exception {
    // user.events itself, so that the descriptor's own contract is used.
    if (!exists("user.events")) {
      kafka.createTopic("user.events", 1);
    }
    try (Written written = new Written(kafka, "user.events", java.util.Map.of())) {
      written.write(0, 1, 1);
      Topic<DynamicMessage> topic = Topic.of(UserEvent.getDescriptor());

      List<EventRecord<DynamicMessage>> records =
          readAll(HermesReader.builder(topic).settings(written.settings()));

      DynamicMessage read = records.get(records.size() - 1).event();
      assertThat(read.getField(UserEvent.getDescriptor().findFieldByName("user_id")))
          .isEqualTo("user-1");
    }
  }

  private boolean exists(String topic) throws Exception {
    try (var admin =
        org.apache.kafka.clients.admin.Admin.create(
            java.util.Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin.listTopics().names().get().contains(topic);
    }
  }

  private static <M extends Message> List<EventRecord<M>> readAll(HermesReader.Builder<M> builder) {
    try (HermesReader<M> reader = builder.toEnd().open()) {
      List<EventRecord<M>> records = new ArrayList<>();
      reader.forEach(records::add);
      return records;
    }
  }
}
