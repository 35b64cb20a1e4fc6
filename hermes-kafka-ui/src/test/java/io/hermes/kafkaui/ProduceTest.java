package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Message;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.UserEvent;
import io.kafbat.ui.serde.api.Serde.Target;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What "Produce Message" writes, and what it refuses. */
class ProduceTest {

  private static final String MINIMAL = "{\"userId\":\"user-1\",\"eventType\":\"USER_LOGIN\"}";

  private final HermesSerde serde = Records.serde(Map.of("revealRedacted", true));

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @AfterEach
  void close() {
    serde.close();
  }

  @Test
  void kafkaUiPreselectsThePluginForKeysAndValuesOfItsTopics() {
    for (Target target : Target.values()) {
      assertThat(serde.canSerialize("user.events", target)).isTrue();
      assertThat(serde.canSerialize("user.events-dlt", target)).isTrue();
      assertThat(serde.canSerialize("something.else", target)).isFalse();
    }
  }

  @Test
  void topicsWithThePrefixOfAnEnvironmentAreThoseOfTheContracts() {
    HermesSerde prefixed =
        Records.serde(Map.of("topicPrefixes", List.of("staging.", "staging.eu.", " alice-")));
    for (String topic :
        List.of("staging.user.events", "staging.eu.user.events", "alice-user.events")) {
      for (Target target : Target.values()) {
        assertThat(prefixed.canDeserialize(topic, target)).isTrue();
        assertThat(prefixed.canSerialize(topic + "-dlt", target)).isTrue();
      }
      assertThat(prefixed.getSchema(topic, Target.VALUE)).isPresent();
      byte[] value = Records.userEvent().toByteArray();
      assertThat(Records.value(prefixed, topic, Records.headers(), value).getAdditionalProperties())
          .containsEntry("type", "hermes.events.v1.UserEvent");
    }
    assertThat(prefixed.canDeserialize("user.events", Target.VALUE)).isTrue();
    assertThat(prefixed.canDeserialize("bob-user.events", Target.VALUE)).isFalse();
    prefixed.close();
  }

  @Test
  void whatIsShownBecomesTheSameRecordAgain() {
    for (Message event :
        List.of(
            Records.userEvent(),
            Records.payment(100),
            Records.orderPlaced(),
            Records.orderPaid(),
            OrderCancelled.newBuilder().setOrderId("order-1").build())) {
      String type = event.getDescriptorForType().getFullName();
      String topic =
          event instanceof UserEvent
              ? "user.events"
              : type.contains("Payment") ? "payments.events" : "orders.events";
      String json =
          Records.value(serde, topic, Records.headers("message-type", type), event.toByteArray())
              .getResult();
      Headers headers = headers("message-type", type);

      assertThat(produce(topic, key(event), json, headers)).isEqualTo(event.toByteArray());
      assertThat(text(headers)).containsEntry("message-type", type);
    }
  }

  @Test
  void theContractMakesTheHeaders() {
    Headers headers = headers("trace", "t-1");

    produce("user.events", "user-1", MINIMAL, headers);

    assertThat(text(headers))
        .isEqualTo(
            Map.of(
                "trace", "t-1",
                "event-type", "USER_LOGIN",
                "message-type", "hermes.events.v1.UserEvent"));
  }

  @Test
  void headersOfAReproducedMessageAreReplaced() {
    Headers headers =
        headers(
            "event-type", "USER_LOGOUT",
            "message-type", "hermes.events.v1.UserEvent",
            "content-encoding", "zstd");

    produce("user.events", "user-1", MINIMAL, headers);

    assertThat(text(headers))
        .containsEntry("event-type", "USER_LOGIN")
        .containsEntry("message-type", "hermes.events.v1.UserEvent")
        .doesNotContainKey("content-encoding");
    assertThat(headers.toArray()).hasSize(2);
  }

  @Test
  void onASharedTopicTheValueOrItsHeaderNamesTheType() {
    String paid = "hermes.events.v1.OrderPaid";
    String named = "{\"@type\":\"" + paid + "\",\"orderId\":\"o-1\"}";
    Headers headers = headers();

    produce("orders.events", "o-1", named, headers);
    assertThat(text(headers)).containsEntry("message-type", paid);
    produce("orders.events", "o-1", named, headers("message-type", paid));
    produce("orders.events", "o-1", "{\"orderId\":\"o-1\"}", headers("message-type", paid));

    assertRefused("orders.events", "o-1", "{\"orderId\":\"o-1\"}", headers())
        .accept(
            "Topic orders.events carries several event types. Set @type in the value, or the"
                + " header message-type, to one of: hermes.events.v1.OrderPlaced, "
                + paid);
    assertRefused("orders.events", "o-1", named, headers("message-type", "other.v1.Event"))
        .accept("The header message-type is \"other.v1.Event\", but @type is \"" + paid);
    assertRefused("user.events", "user-1", MINIMAL, headers("message-type", paid))
        .accept(paid + " is not an event of topic user.events");
  }

  @Test
  void theKeyIsThatOfTheEvent() {
    assertRefused("user.events", null, MINIMAL, headers())
        .accept("The key is missing: it is the event's user_id. Enter user-1 as the key");
    assertRefused("user.events", "user-2", MINIMAL, headers())
        .accept("The key is user-2, but it must be the event's user_id, user-1.");
    assertRefused("user.events", "", "{}", headers()).accept("empty user_id");
    assertRefused("user.events", "[REDACTED]", MINIMAL, headers())
        .accept("in place of a hidden key");
  }

  @Test
  void theKeyOfAnotherRecordDoesNotCount() {
    writer("user.events", Target.KEY).serialize("user-1", headers());

    assertThatThrownBy(() -> writer("user.events", Target.VALUE).serialize(MINIMAL, headers()))
        .hasMessageContaining("The key is missing");
  }

  @Test
  void keysOfBytesAreEnteredAsHexAndEventsWithoutAKeyHaveNone() throws Exception {
    Path set = Files.write(dir.resolve("own.binpb"), ownSchema().toByteArray());
    HermesSerde own = Records.serde(Map.of("descriptorSets", List.of(set.toString())));

    assertThat(produce(own, "own.bytes", "0aff", "{\"id\":\"Cv8=\"}", headers())).hasSize(4);
    assertThatThrownBy(() -> produce(own, "own.bytes", "0a", "{\"id\":\"Cv8=\"}", headers()))
        .hasMessage("The key is 0a, but it must be the event's id, 0aff.");
    assertThatThrownBy(() -> produce(own, "own.bytes", "key", "{\"id\":\"Cv8=\"}", headers()))
        .hasMessageContaining("enter the key as hexadecimal digits");
    assertThat(produce(own, "own.unkeyed", null, "{\"id\":\"Cv8=\"}", headers())).hasSize(4);
    assertThatThrownBy(() -> produce(own, "own.unkeyed", "k", "{}", headers()))
        .hasMessageContaining("has no key. Leave the key empty.");
    own.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hello | The value is not a JSON object",
        "[1] | The value is not a JSON object",
        "{\"userId\": | The value is not JSON",
        "{\"userIt\":\"u\"} | is not a hermes.events.v1.UserEvent: Cannot find field: userIt",
        "{\"timestamp\":\"soon\"} | is not a hermes.events.v1.UserEvent: Not an int64 value",
        "{\"eventType\":\"LOGIN\"} | is not a hermes.events.v1.UserEvent: Invalid enum value",
        "{\"undecodable\":\"x\",\"hex\":\"00\"} | Cannot find field: undecodable",
        "{\"data\":{\"email\":\"[REDACTED]\"}} | data.email is [REDACTED]"
      })
  void whatIsNoEventIsRefusedWithTheReason(String json, String reason) {
    assertRefused("user.events", "user-1", json, headers()).accept(reason);
  }

  @Test
  void nestingThatConsumersRefuseIsRefused() {
    String nested = "{\"a\":".repeat(60) + "1" + "}".repeat(60);

    assertRefused(
            "payments.events",
            "p-1",
            "{\"paymentId\":\"p-1\",\"providerData\":" + nested + "}",
            headers())
        .accept("too many levels of nesting");
  }

  @Test
  void deadLettersAreNotProduced() {
    assertThatThrownBy(() -> writer("user.events-dlt", Target.KEY).serialize("k", headers()))
        .hasMessageContaining("user.events-dlt is a dead-letter topic: only subscribers write");
    assertThatThrownBy(() -> writer("user.events-dlt", Target.VALUE).serialize("{}", headers()))
        .hasMessageContaining("user.events-dlt is a dead-letter topic");
  }

  @Test
  void aKafkaUiThatPassesNoHeadersIsRefused() {
    assertThatThrownBy(() -> serde.serializer("user.events", Target.VALUE).serialize(MINIMAL))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Use kafka-ui v1.5.0 or later, or ./hermes produce.");
  }

  private Consumer<String> assertRefused(
      String topic, @Nullable String key, String json, Headers headers) {
    return reason ->
        assertThatThrownBy(() -> produce(topic, key, json, headers))
            .isInstanceOfAny(IllegalArgumentException.class, io.hermes.ContractException.class)
            .hasMessageContaining(reason);
  }

  private byte[] produce(String topic, @Nullable String key, String json, Headers headers) {
    return produce(serde, topic, key, json, headers);
  }

  /**
   * As kafka-ui does: the key first, if there is one, with the headers that the record will have.
   */
  private static byte[] produce(
      HermesSerde serde, String topic, @Nullable String key, String json, Headers headers) {
    RecordWriter.WithHeaders keys = (RecordWriter.WithHeaders) serde.serializer(topic, Target.KEY);
    if (key != null) {
      keys.serialize(key, headers);
    }
    return ((RecordWriter.WithHeaders) serde.serializer(topic, Target.VALUE))
        .serialize(json, headers);
  }

  private RecordWriter.WithHeaders writer(String topic, Target target) {
    return (RecordWriter.WithHeaders) serde.serializer(topic, target);
  }

  private static String key(Message event) {
    return event.getAllFields().entrySet().stream()
        .filter(
            field ->
                List.of("user_id", "payment_id", "order_id").contains(field.getKey().getName()))
        .findFirst()
        .orElseThrow()
        .getValue()
        .toString();
  }

  private static Headers headers(String... namesAndValues) {
    Headers headers = new RecordHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return headers;
  }

  private static Map<String, String> text(Headers headers) {
    Map<String, String> text = new TreeMap<>();
    for (Header header : headers) {
      text.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    return text;
  }

  private static FileDescriptorSet ownSchema() {
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder()
            .setName("own/v1/own.proto")
            .setPackage("own.v1")
            .setSyntax("proto3");
    for (String name : List.of("bytes", "unkeyed")) {
      TopicContract contract =
          TopicContract.newBuilder()
              .setName("own." + name)
              .setKeyField(name.equals("bytes") ? "id" : "")
              .build();
      file.addMessageType(
          DescriptorProto.newBuilder()
              .setName(name)
              .setOptions(MessageOptions.newBuilder().setExtension(TopicProto.topic, contract))
              .addField(
                  FieldDescriptorProto.newBuilder()
                      .setName("id")
                      .setNumber(1)
                      .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                      .setType(FieldDescriptorProto.Type.TYPE_BYTES)));
    }
    return FileDescriptorSet.newBuilder().addFile(file).build();
  }
}
