package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.hermes.events.v1.UserEvent;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.RecordHeaders;
import io.kafbat.ui.serde.api.Serde.Target;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rules by which readers tell values apart, each with a record. */
class ValueRulesTest {

  private static final String USER_JSON =
      "{\"eventId\":\"e-1\",\"timestamp\":\"1764000000000\",\"userId\":\"user-123\",\"eventType\":\"USER_REGISTERED\",\"data\":{\"email\":\"[REDACTED]\",\"username\":\"user"
          + " \\\"123\\\"\",\"metadata\":{\"ip\":\"192.0.2.1\",\"source\":\"web\"}}}";
  private static final RecordHeaders NONE = Records.headers();

  private final HermesSerde serde = Records.serde(Map.of());

  @AfterEach
  void close() {
    serde.close();
  }

  @Test
  void aPlainEventIsShownByItsTopic() {
    byte[] value = Records.userEvent().toByteArray();

    DeserializeResult result = decode("user.events", NONE, value);

    assertThat(result.getType()).isEqualTo(DeserializeResult.Type.JSON);
    assertThat(result.getResult()).isEqualTo(USER_JSON);
    assertThat(result.getAdditionalProperties())
        .isEqualTo(
            Map.of(
                "type",
                "hermes.events.v1.UserEvent",
                "encoding",
                "plain",
                "valueBytes",
                value.length));
  }

  @Test
  void aZstdFrameIsShownByItsHeader() {
    byte[] plain = Records.payment(100_000).toByteArray();
    byte[] frame = Zstd.compress(plain);

    DeserializeResult result =
        decode("payments.events", Records.headers("content-encoding", " ZSTD "), frame);

    assertThat(result.getResult())
        .startsWith("{\"eventId\":\"p-1\",\"occurredAt\":\"2025-11-24T16:00:00Z\"")
        .contains(
            "\"token\":\"[REDACTED]\"",
            "\"receipt\":\"[REDACTED]\"",
            "\"took\":\"0.250s\"",
            "\"providerCode\":7",
            "\"risk\":\"low\"",
            "\"signature\":\"AQID\"");
    assertThat(result.getAdditionalProperties())
        .containsEntry("encoding", "zstd")
        .containsEntry("valueBytes", frame.length)
        .containsEntry("decodedBytes", plain.length)
        .containsKey("ratio");
  }

  @Test
  void severalTypesOfATopicAreToldApartByTheirHeader() {
    DeserializeResult placed =
        decode(
            "orders.events",
            Records.headers("message-type", "hermes.events.v1.OrderPlaced"),
            Records.orderPlaced().toByteArray());
    DeserializeResult paid =
        decode(
            "orders.events",
            Records.headers("message-type", "hermes.events.v1.OrderPaid"),
            Records.orderPaid().toByteArray());

    assertThat(placed.getResult())
        .contains("\"sku\":\"shirt\"", "\"shipTo\":\"[REDACTED]\"")
        .doesNotContain("A. Person");
    assertThat(paid.getResult())
        .contains("\"amount\":{\"currency\":\"EUR\",\"minorUnits\":\"3998\"}");
    assertThat(paid.getAdditionalProperties()).containsEntry("type", "hermes.events.v1.OrderPaid");
  }

  @Test
  void theLastHeaderOfANameCounts() {
    RecordHeaders headers =
        Records.headers(
            "message-type",
            "hermes.events.v1.OrderPlaced",
            "message-type",
            "hermes.events.v1.OrderPaid");

    assertThat(
            decode("orders.events", headers, Records.orderPaid().toByteArray())
                .getAdditionalProperties())
        .containsEntry("type", "hermes.events.v1.OrderPaid");
  }

  @Test
  void deadLettersAreShownAsTheirTopic() {
    assertThat(serde.canDeserialize("user.events-dlt", Target.VALUE)).isTrue();
    assertThat(decode("user.events-dlt", NONE, Records.userEvent().toByteArray()).getResult())
        .isEqualTo(USER_JSON);
  }

  @Test
  void otherTopicsAreLeftToOtherSerdes() {
    assertThat(serde.canDeserialize("something.else", Target.VALUE)).isFalse();
    assertThat(serde.canDeserialize("user.events", Target.VALUE)).isTrue();
  }

  @Test
  void anEmptyValueIsTheDefaultEvent() {
    assertThat(decode("user.events", NONE, new byte[0]).getResult())
        .isEqualTo(
            "{\"eventId\":\"\",\"timestamp\":\"0\",\"userId\":\"\",\"eventType\":\"UNKNOWN\"}");
  }

  @Test
  void aStaleHeaderIsSaidSo() {
    DeserializeResult result =
        decode(
            "user.events",
            Records.headers("content-encoding", "zstd"),
            Records.userEvent().toByteArray());

    assertThat(result.getResult()).isEqualTo(USER_JSON);
    assertThat(result.getAdditionalProperties())
        .containsEntry("encoding", "plain (its header content-encoding is stale)");
  }

  @Test
  void aFrameWithoutItsHeaderIsNoEvent() {
    assertUndecodable(
        decode("user.events", NONE, Zstd.compress(Records.userEvent().toByteArray())),
        "starts like a ZSTD frame, but the record has no header content-encoding");
  }

  @Test
  void anUnknownEncodingIsNoEvent() {
    assertUndecodable(
        decode(
            "user.events",
            Records.headers("content-encoding", "gzip"),
            Records.userEvent().toByteArray()),
        "content-encoding is \\\"gzip\\\"; only zstd is supported");
  }

  @Test
  void framingOfSchemaRegistriesIsNamed() {
    assertUndecodable(
        decode("user.events", NONE, new byte[] {0, 0, 0, 0, 1, 10}), "Confluent or Apicurio");
    assertUndecodable(decode("user.events", NONE, new byte[] {3, 0, 1, 2}), "AWS Glue");
    assertUndecodable(decode("user.events", NONE, new byte[] {7}), "first byte 0x07");
  }

  @Test
  void otherBytesShowTheReasonAndOnDemandThemselves() {
    byte[] text = "hello, world".getBytes(StandardCharsets.UTF_8);

    DeserializeResult result = decode("user.events", NONE, text);

    assertUndecodable(result, "The value is not a hermes.events.v1.UserEvent");
    assertThat(result.getResult())
        .endsWith("\"hex\":\"[REDACTED]: revealRedacted shows the bytes\"}");
    HermesSerde revealing = Records.serde(Map.of("revealRedacted", true));
    assertThat(Records.value(revealing, "user.events", NONE, text).getResult())
        .endsWith("\"hex\":\"68656c6c6f2c20776f726c64\"}");
    revealing.close();
  }

  @Test
  void anEventThatIsCutOffAnywhereShowsNothingThatIsHidden() {
    byte[] whole = Records.userEvent().toByteArray();
    String secret = HexFormat.of().formatHex("secret@".getBytes(StandardCharsets.UTF_8));
    for (int length = 0; length < whole.length; length++) {
      assertThat(decode("user.events", NONE, Arrays.copyOf(whole, length)).getResult())
          .doesNotContain("secret@", secret);
    }
  }

  @Test
  void anEventOfWhichNoFieldIsKnownIsNotShownAsAnEmptyOne() {
    byte[] other =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build()
            .toByteArray();

    assertUndecodable(
        decode("user.events", NONE, other), "no field that hermes.events.v1.UserEvent has");
  }

  @Test
  void aTypeThatNoSchemaHasIsNamed() {
    assertUndecodable(
        decode("user.events", Records.headers("message-type", "other.v1.Event"), new byte[] {8, 1}),
        "message-type is \\\"other.v1.Event\\\"");
  }

  @Test
  void aSharedTopicWithoutATypeIsSaidSo() {
    assertUndecodable(
        decode("orders.events", NONE, Records.orderPaid().toByteArray()), "carries 3 event types");
  }

  @Test
  void newerFieldsAndEnumNumbersAreShownAsWhatIsKnown() {
    UserEvent newer =
        Records.userEvent().toBuilder()
            .setEventTypeValue(99)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        6,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("new"))
                            .build())
                    .build())
            .build();

    DeserializeResult result = decode("user.events", NONE, newer.toByteArray());

    assertThat(result.getResult()).contains("\"eventType\":99");
    assertThat(result.getAdditionalProperties()).containsEntry("unknownFields", "[6]");
  }

  @Test
  void aTombstoneHasNoValue() {
    DeserializeResult result =
        serde.deserializer("user.events", Target.VALUE).deserialize(NONE, null);

    assertThat(result.getResult()).isNull();
    assertThat(result.getAdditionalProperties()).containsEntry("type", "tombstone");
  }

  @Test
  void keysAreTextAndOtherwiseHex() {
    assertThat(key("user-123".getBytes(StandardCharsets.UTF_8))).isEqualTo("user-123");
    assertThat(key(new byte[] {(byte) 0xff, 1})).isEqualTo("ff01");
  }

  @Test
  void hiddenFieldsAreShownWhereThatIsSet() {
    HermesSerde revealing = Records.serde(Map.of("revealRedacted", true));

    assertThat(
            Records.value(revealing, "user.events", NONE, Records.userEvent().toByteArray())
                .getResult())
        .contains("\"email\":\"secret@example.com\"");
    revealing.close();
  }

  private String key(byte[] key) {
    return serde.deserializer("user.events", Target.KEY).deserialize(NONE, key).getResult();
  }

  private DeserializeResult decode(String topic, RecordHeaders headers, byte[] value) {
    return Records.value(serde, topic, headers, value);
  }

  private static void assertUndecodable(DeserializeResult result, String reason) {
    assertThat(result.getType()).isEqualTo(DeserializeResult.Type.JSON);
    assertThat(result.getResult())
        .startsWith("{\"undecodable\":\"")
        .contains(reason)
        .contains("\"hex\":\"");
  }
}
