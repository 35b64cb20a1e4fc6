package io.hermes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.testing.v1.Complete;
import io.hermes.testing.v1.MissingField;
import io.hermes.testing.v1.OnlyName;
import io.hermes.testing.v1.Sample;
import io.hermes.testing.v1.WrongName;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {

  @Test
  void readsUserEventsContract() {
    Topic<UserEvent> topic = Topic.of(UserEvent.class);
    assertThat(topic.name()).isEqualTo("user.events");
    assertThat(topic.messageType()).isEqualTo("hermes.events.v1.UserEvent");
    assertThat(topic.encoding()).isEqualTo(Encoding.PLAIN);
    assertThat(topic).hasToString("user.events (hermes.events.v1.UserEvent)");

    UserEvent event =
        UserEvent.newBuilder()
            .setUserId("user-ü")
            .setEventType(UserEvent.EventType.USER_REGISTERED)
            .build();
    RecordHeaders headers = new RecordHeaders();
    topic.addHeaders(event, headers);
    assertThat(topic.key(event)).isEqualTo("user-ü".getBytes(UTF_8));
    assertThat(EventHeaders.text(headers, "event-type")).isEqualTo("USER_REGISTERED");
    assertThat(EventHeaders.text(headers, "message-type")).isEqualTo("hermes.events.v1.UserEvent");
    assertThat(headers.toArray()).hasSize(2);
  }

  @Test
  void readsEveryPartOfAContract() {
    Topic<Complete> topic = Topic.of(Complete.class);
    assertThat(topic.encoding()).isEqualTo(Encoding.AUTO);
    assertThat(topic.partitions()).isEqualTo(OptionalInt.of(3));
    assertThat(topic.configuration())
        .isEqualTo(Map.of("cleanup.policy", "delete", "retention.ms", "-1"));
    assertThat(topic.isShared()).isTrue();
    assertThat(topic.key(Complete.getDefaultInstance())).isNull();
    assertThat(topic.key(complete("k"))).isEqualTo("k".getBytes(UTF_8));
  }

  @Test
  void isTheSameContractUnderAnotherName() {
    Topic<Complete> moved = Topic.of(Complete.class).withName("mirror.complete");
    assertThat(moved.name()).isEqualTo("mirror.complete");
    assertThat(moved.contract().toBuilder().clearName().build())
        .isEqualTo(Topic.of(Complete.class).contract().toBuilder().clearName().build());
    assertThatThrownBy(() -> moved.withName("no name"))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("\"no name\"");
  }

  private static Complete complete(String key) {
    return Complete.newBuilder().setNested(Sample.Nested.newBuilder().setText(key)).build();
  }

  @Test
  void whatAContractLeavesOutIsTheBrokersChoice() throws Exception {
    Topic<OnlyName> topic = Topic.of(OnlyName.class);
    assertThat(topic.partitions()).isEmpty();
    assertThat(topic.configuration()).isEmpty();
    assertThat(topic.isShared()).isFalse();
    assertThat(topic.encoding()).isEqualTo(Encoding.PLAIN);
    OnlyName event = OnlyName.newBuilder().setText("x").build();
    assertThat(topic.key(event)).isNull();
    assertThat(topic.eventType(event)).isNull();
    assertThat(topic.parser().parseFrom(event.toByteArray())).isEqualTo(event);
  }

  @Test
  void aContractInCodeIsAsOneInTheSchema() {
    Topic<Sample> topic =
        Topic.builder(Sample.class, "samples")
            .keyField("text")
            .typeField("kind")
            .encoding(Encoding.ZSTD)
            .partitions(6)
            .retention(Duration.ofDays(1))
            .shared()
            .spreadEmptyKeys()
            .build();
    assertThat(topic.name()).isEqualTo("samples");
    assertThat(topic.encoding()).isEqualTo(Encoding.ZSTD);
    assertThat(topic.partitions()).hasValue(6);
    assertThat(topic.configuration()).isEqualTo(Map.of("retention.ms", "86400000"));
    assertThat(topic.isShared()).isTrue();
    assertThat(topic.key(Sample.getDefaultInstance())).isNull();
    assertThat(topic.eventType(Sample.newBuilder().setKind(Sample.Kind.FIRST).build()))
        .isEqualTo("FIRST");
  }

  @Test
  void aKeyIsTextAnIntegerAsDecimalTextOrRawBytes() {
    assertKey("text", b -> b.setText("ä"), "ä".getBytes(UTF_8));
    assertKey("int32", b -> b.setInt32(-5), "-5");
    assertKey("int64", b -> b.setInt64(Long.MIN_VALUE), "-9223372036854775808");
    assertKey("uint32", b -> b.setUint32(-1), "4294967295");
    assertKey("uint64", b -> b.setUint64(-1), "18446744073709551615");
    assertKey("sint32", b -> b.setSint32(-7), "-7");
    assertKey("sint64", b -> b.setSint64(-8), "-8");
    assertKey("fixed32", b -> b.setFixed32(-2), "4294967294");
    assertKey("fixed64", b -> b.setFixed64(-2), "18446744073709551614");
    assertKey("sfixed32", b -> b.setSfixed32(-9), "-9");
    assertKey("sfixed64", b -> b.setSfixed64(-10), "-10");
    assertKey(
        "raw", b -> b.setRaw(ByteString.copyFrom(new byte[] {0, -1})), new byte[] {0, (byte) 0xFF});
    assertKey("maybe", b -> b.setMaybe(0), "0");
    assertKey("int32", b -> {}, "0"); // no presence: 0 is a value like any other
    assertKey("right", b -> b.setRight(3), "3");
    assertKey(
        "nested.nested.text", b -> b.getNestedBuilder().getNestedBuilder().setText("deep"), "deep");
  }

  private static void assertKey(String field, Consumer<Sample.Builder> set, String key) {
    assertKey(field, set, key.getBytes(UTF_8));
  }

  private static void assertKey(String field, Consumer<Sample.Builder> set, byte[] key) {
    Sample.Builder builder = Sample.newBuilder();
    set.accept(builder);
    assertThat(keyedBy(field).key(builder.build())).as(field).isEqualTo(key);
  }

  private static Topic<Sample> keyedBy(String field) {
    return Topic.builder(Sample.class, "samples").keyField(field).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "raw", "maybe", "left", "nested.text", "nested.nested.text"})
  void anEmptyKeyIsRefusedUnlessTheContractSpreadsIt(String field) {
    assertThatThrownBy(() -> keyedBy(field).key(Sample.getDefaultInstance()))
        .isInstanceOf(ContractException.class)
        .hasMessage(
            "hermes.client.test.v1.Sample has an empty %s, which is its record key. Set it, or set"
                + " empty_key: EMPTY_KEY_SPREAD in the contract.",
            field);
    assertThat(
            Topic.builder(Sample.class, "samples")
                .keyField(field)
                .spreadEmptyKeys()
                .build()
                .key(Sample.getDefaultInstance()))
        .isNull();
  }

  @Test
  void anIdIsTheContractsFieldAsTextOrAnIntegerAsDecimalText() {
    assertId("text", b -> b.setText("ä-1"), "ä-1");
    assertId("int64", b -> b.setInt64(Long.MIN_VALUE), "-9223372036854775808");
    assertId("uint32", b -> b.setUint32(-1), "4294967295");
    assertId("uint64", b -> b.setUint64(-1), "18446744073709551615");
    assertId("maybe", b -> b.setMaybe(0), "0"); // set, as its presence says
    assertId("right", b -> b.setRight(3), "3");
    assertId(
        "nested.nested.text", b -> b.getNestedBuilder().getNestedBuilder().setText("deep"), "deep");
  }

  private static void assertId(String field, Consumer<Sample.Builder> set, String id) {
    Sample.Builder builder = Sample.newBuilder();
    set.accept(builder);
    Topic<Sample> topic = identifiedBy(field);
    assertThat(topic.hasEventId()).isTrue();
    assertThat(topic.eventId(builder.build())).as(field).isEqualTo(id);
  }

  private static Topic<Sample> identifiedBy(String field) {
    return Topic.builder(Sample.class, "samples").idField(field).build();
  }

  /** An integer without presence included: all events without one would have the id 0. */
  @ParameterizedTest
  @ValueSource(
      strings = {"text", "int32", "uint64", "maybe", "left", "nested.text", "nested.nested.text"})
  void anUnsetIdIsRefused(String field) {
    assertThatThrownBy(() -> identifiedBy(field).eventId(Sample.getDefaultInstance()))
        .isInstanceOf(ContractException.class)
        .hasMessage(
            "hermes.client.test.v1.Sample has an empty %s, which is its id. Set it; duplicates of an"
                + " event must have the same id.",
            field);
  }

  @Test
  void theIdIsEventIdIfTheContractNamesNoField() {
    Topic<UserEvent> topic = Topic.of(UserEvent.class);
    assertThat(topic.hasEventId()).isTrue();
    assertThat(topic.eventId(UserEvent.newBuilder().setEventId("e-1").build())).isEqualTo("e-1");

    Topic<Sample> without = Topic.builder(Sample.class, "samples").build();
    assertThat(without.hasEventId()).isFalse();
    assertThatThrownBy(() -> without.eventId(Sample.getDefaultInstance()))
        .isInstanceOf(ContractException.class)
        .hasMessage(
            "hermes.client.test.v1.Sample has no id. Add string event_id, or name a field with"
                + " id_field in its contract.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nope   | id_field \"nope\" is not a field: hermes.client.test.v1.Sample has no \"nope\"",
        "texts  | id_field \"texts\" contains \"texts\", which is repeated",
        "raw    | id_field \"raw\" is of type bytes; choose a field that is text or an integer.",
        "flag   | id_field \"flag\" is of type bool; choose a field that is text or an integer.",
        "nested | id_field \"nested\" is of type hermes.client.test.v1.Sample.Nested; choose",
      })
  void anIdFieldThatCannotBeAnIdIsRefusedByName(String field, String message) {
    assertThatThrownBy(() -> identifiedBy(field))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theEventTypeIsTheValuesNameOrTheNumberOfAnUnknownOneOrText() {
    Topic<Sample> byEnum = Topic.builder(Sample.class, "s").typeField("kind").build();
    assertThat(byEnum.eventType(Sample.getDefaultInstance())).isEqualTo("KIND_UNSPECIFIED");
    assertThat(byEnum.eventType(Sample.newBuilder().setKindValue(77).build())).isEqualTo("77");
    assertThat(byEnum.eventType(Sample.newBuilder().setKindValue(-3).build())).isEqualTo("-3");

    Topic<Sample> byText = Topic.builder(Sample.class, "s").typeField("text").build();
    assertThat(byText.eventType(Sample.newBuilder().setText("made").build())).isEqualTo("made");
    RecordHeaders headers = new RecordHeaders();
    byText.addHeaders(Sample.getDefaultInstance(), headers);
    assertThat(headers.toArray())
        .singleElement()
        .satisfies(header -> assertThat(header.key()).isEqualTo("message-type"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nope         | key_field \"nope\" is not a field: hermes.client.test.v1.Sample has no"
            + " \"nope\"; use one of [fixed32,",
        "nested.nope  | hermes.client.test.v1.Sample.Nested has no \"nope\"; use one of [nested,"
            + " text]",
        "text.more    | key_field \"text.more\" has \"more\" after \"text\", which is of type"
            + " string",
        "texts        | contains \"texts\", which is repeated; use a field that has one value.",
        "pairs        | contains \"pairs\", which is repeated; use a field that has one value.",
        "flag         | is of type bool; choose a field that is text, an integer or bytes.",
        "number       | is of type double; choose a field that is text, an integer or bytes.",
        "kind         | ; choose a field that is text, an integer or bytes.",
        "nested       | is of type hermes.client.test.v1.Sample.Nested; choose a field that is"
            + " text, an integer or bytes",
        "nested.      | hermes.client.test.v1.Sample.Nested has no \"\"; use one of",
      })
  void aKeyFieldThatCannotBeAKeyIsRefusedByName(String field, String message) {
    assertThatThrownBy(() -> keyedBy(field))
        .isInstanceOf(ContractException.class)
        .hasMessageStartingWith("hermes.client.test.v1.Sample: ")
        .hasMessageContaining(message);
  }

  @Test
  void aTypeFieldIsAnEnumOrText() {
    assertThatThrownBy(() -> Topic.builder(Sample.class, "s").typeField("int32").build())
        .isInstanceOf(ContractException.class)
        .hasMessage(
            "hermes.client.test.v1.Sample: type_field \"int32\" is of type int32; choose a"
                + " field that is an enum or text.");
    assertThatThrownBy(() -> Topic.builder(Sample.class, "s").typeField("nope").build())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("type_field \"nope\" is not a field");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", ".", "..", "ü"})
  void aTopicNameThatKafkaRefusesIsRefusedAtOnce(String name) {
    assertThatThrownBy(() -> Topic.builder(Sample.class, name).build())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining(
            name.isEmpty() ? "the contract has no topic" : "the topic name \"" + name + "\"");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Topic.builder(Sample.class, "s").partitions(-1).build())
        .hasMessageStartingWith("hermes.client.test.v1.Sample: partitions is -1; leave it out");
    assertThatThrownBy(
            () -> Topic.builder(Sample.class, "s").retention(Duration.ofMillis(-2)).build())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("retention_ms is -2");
    assertThatThrownBy(() -> Topic.builder(Sample.class, "x".repeat(250)).build())
        .isInstanceOf(ContractException.class);
    assertThatThrownBy(() -> Topic.builder(Sample.class, "s").compacted().build())
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("a compacted topic rejects records without a key");
  }

  @Test
  void aClassWithoutAContractOrWithAWrongOneIsRefused() {
    assertThatThrownBy(() -> Topic.of(Sample.class))
        .isInstanceOf(ContractException.class)
        .hasMessage(
            "hermes.client.test.v1.Sample has no topic contract. Add option"
                + " (hermes.contract.v1.topic) to the message, or use Topic.builder.");
    assertThatThrownBy(() -> Topic.of(WrongName.class)).hasMessageContaining("\"wrong name\"");
    assertThatThrownBy(() -> Topic.of(MissingField.class))
        .hasMessage(
            "hermes.client.test.v1.MissingField: key_field \"id\" is not a field:"
                + " hermes.client.test.v1.MissingField has no \"id\"; use one of [name, other].");
    assertThatThrownBy(() -> Topic.of(Message.class))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("is not a message class generated by protoc");
  }

  @Test
  void findsTheContractInADescriptorThatWasReadWithoutOurExtension() throws Exception {
    FileDescriptorProto bytes =
        FileDescriptorProto.parseFrom(UserEvent.getDescriptor().getFile().toProto().toByteString());
    Descriptor message =
        FileDescriptor.buildFrom(
                bytes,
                UserEvent.getDescriptor()
                    .getFile()
                    .getDependencies()
                    .toArray(new FileDescriptor[0]))
            .findMessageTypeByName("UserEvent");
    assertThat(message.getOptions().getUnknownFields().asMap()).isNotEmpty();

    Topic<DynamicMessage> topic = Topic.of(message);

    assertThat(Topic.hasContract(message)).isTrue();
    assertThat(topic.name()).isEqualTo("user.events");
    DynamicMessage event =
        topic
            .parser()
            .parseFrom(
                UserEvent.newBuilder()
                    .setUserId("u")
                    .setEventType(UserEvent.EventType.USER_LOGOUT)
                    .build()
                    .toByteArray());
    assertThat(topic.key(event)).isEqualTo(new byte[] {'u'});
    assertThat(topic.eventType(event)).isEqualTo("USER_LOGOUT");
    assertThat(Topic.hasContract(Sample.getDescriptor())).isFalse();
  }
}
