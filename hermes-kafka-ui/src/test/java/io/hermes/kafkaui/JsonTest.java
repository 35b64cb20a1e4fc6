package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.FieldMask;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.json.UnshowableException;
import io.hermes.contract.schema.SchemaSet;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write against protobuf's own JSON: it must read as the same message. */
class JsonTest {

  private static final SchemaSet SCHEMA = Settings.bundled();
  private static final int MAX_CHARS = 1 << 20;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hermes.events.v1.UserEvent",
        "hermes.events.v1.OrderPlaced",
        "hermes.events.v1.OrderPaid",
        "hermes.events.v1.OrderCancelled",
        "hermes.events.v1.PaymentEvent"
      })
  void protobufReadsItAsTheSameMessage(String name) throws Exception {
    Descriptor type = SCHEMA.message(name).orElseThrow();
    RandomMessages random = new RandomMessages(new Random(42));
    for (int i = 0; i < 500; i++) {
      DynamicMessage message = random.message(type, 0);

      String json = write(message, true);

      DynamicMessage.Builder read = DynamicMessage.newBuilder(type);
      JsonFormat.parser().merge(json, read);
      assertThat(read.build()).as(json).isEqualTo(message);
    }
  }

  @Test
  void hiddenFieldsOfRandomMessagesAreNeverShown() throws Exception {
    Descriptor type = SCHEMA.message("hermes.events.v1.PaymentEvent").orElseThrow();
    RandomMessages random = new RandomMessages(new Random(7));
    for (int i = 0; i < 500; i++) {
      String json = write(random.message(type, 0), false);

      assertThat(json)
          .doesNotContain("\"iban\":\"\"", "\"token\":\"\"")
          .contains("\"receipt\":\"[REDACTED]\"");
      assertThat(
              json.replace("\"iban\":\"[REDACTED]\"", "").replace("\"token\":\"[REDACTED]\"", ""))
          .doesNotContain("\"iban\":", "\"token\":");
    }
  }

  @Test
  void anAnyOfAKnownTypeIsShownAndItsHiddenFieldsAreNot() throws Exception {
    Any any = Any.pack(Records.userEvent());

    assertThat(write(any, false))
        .startsWith(
            "{\"@type\":\"type.googleapis.com/hermes.events.v1.UserEvent\",\"eventId\":\"e-1\",")
        .contains("\"email\":\"[REDACTED]\"");
    Any.Builder read = Any.newBuilder();
    TypeRegistry registry = TypeRegistry.newBuilder().add(UserEvent.getDescriptor()).build();
    JsonFormat.parser().usingTypeRegistry(registry).merge(write(any, true), read);
    assertThat(read.build().unpack(UserEvent.class)).isEqualTo(Records.userEvent());
  }

  @Test
  void anAnyOfAnotherTypeIsShownWhereHiddenFieldsAre() throws Exception {
    Any any =
        Any.newBuilder()
            .setTypeUrl("example.com/other.v1.Thing")
            .setValue(Records.orderPaid().toByteString())
            .build();

    assertThat(write(any, true))
        .startsWith("{\"typeUrl\":\"example.com/other.v1.Thing\",\"value\":\"");
    assertThat(write(any, false))
        .startsWith("{\"@type\":\"example.com/other.v1.Thing\",\"value\":\"[REDACTED]: ");
  }

  @Test
  void fieldMasksAndValuesHaveTheirOwnForm() throws Exception {
    Struct struct =
        Struct.newBuilder()
            .putFields("nothing", Value.newBuilder().setNullValueValue(0).build())
            .putFields(
                "list",
                Value.newBuilder()
                    .setListValue(
                        ListValue.newBuilder().addValues(Value.newBuilder().setNumberValue(1.5)))
                    .build())
            .build();

    assertThat(
            write(FieldMask.newBuilder().addPaths("user_id").addPaths("data.email").build(), false))
        .isEqualTo("\"userId,data.email\"");
    assertThat(write(struct, false)).isEqualTo("{\"nothing\":null,\"list\":[1.5]}");
  }

  @Test
  void aNumberOfAStructThatIsNoneIsToldFromTheTextOfItsName() throws Exception {
    assertThat(write(Value.newBuilder().setNumberValue(Double.NaN).build(), false))
        .isEqualTo("{\"numberValue\":\"NaN\"}");
    assertThat(write(Value.newBuilder().setStringValue("NaN").build(), false)).isEqualTo("\"NaN\"");
  }

  @Test
  void controlCharactersAreEscaped() throws Exception {
    String text = "quote \" backslash \\ line \n tab \t bell \u0007 umlaut ä rocket 🚀";
    OrderPlaced order = OrderPlaced.newBuilder().setCustomerId(text).build();

    OrderPlaced.Builder read = OrderPlaced.newBuilder();
    JsonFormat.parser().merge(write(order, true), read);

    assertThat(read.getCustomerId()).isEqualTo(text);
  }

  @Test
  void aMapKeyThatComesTwiceIsShownOnce() throws Exception {
    byte[] twice = {0x2a, 12, 0x1a, 4, 0x0a, 0, 0x12, 0, 0x1a, 4, 0x0a, 0, 0x12, 0};
    DynamicMessage message =
        DynamicMessage.parseFrom(
            UserEvent.getDescriptor(), twice, ExtensionRegistry.getEmptyRegistry());

    assertThat(write(message, false)).contains("\"metadata\":{\"\":\"\"}");
  }

  private static String write(Message message, boolean reveal) throws UnshowableException {
    return EventJson.of(SCHEMA::message)
        .revealing(reveal)
        .withDefaults()
        .maxChars(MAX_CHARS)
        .write(message)
        .json();
  }
}
