package io.hermes.contract.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hiding and showing, in a message that has all kinds of places where a secret can be. */
class EventJsonTest {

  private static final String EVENT =
      """
      {"number":"9007199254740993","secretNumber":7,"secrets":["a","b"],\
      "one":{"number":"1","secretNumber":7},\
      "many":[{"secretNumber":8},{"number":"2"}],\
      "byName":{"x":{"secretNumber":9}},\
      "any":{"@type":"type.googleapis.com/test.Event","secretNumber":10},\
      "free":{"fields":{"secretNumber":11.0}}}\
      """;

  private static final EventJson HIDING = EventJson.of(SecretEvent::find);
  private static final EventJson REVEALING = HIDING.revealing(true);

  @Test
  void hidesMarkedFieldsWhereverTheyAre() throws Exception {
    assertThat(json(HIDING, parsed()))
        .isEqualTo(
            EVENT
                .replaceAll(
                    "(?<!fields\":\\{)\"secretNumber\":\\d+", "\"secretNumber\":\"[REDACTED]\"")
                .replace("[\"a\",\"b\"]", "\"[REDACTED]\""));
  }

  @Test
  void revealsThemOnDemand() throws Exception {
    assertThat(json(REVEALING, parsed())).isEqualTo(EVENT);
  }

  @Test
  void fieldsWithTheirDefaultAreShownOnDemand() throws Exception {
    DynamicMessage empty = DynamicMessage.getDefaultInstance(SecretEvent.TYPE);
    assertThat(json(HIDING, empty)).isEqualTo("{}");
    assertThat(json(HIDING.withDefaults(), empty))
        .isEqualTo(
            "{\"number\":\"0\",\"secretNumber\":\"[REDACTED]\",\"secrets\":\"[REDACTED]\","
                + "\"many\":[],\"byName\":{},\"ratio\":0.0}");
  }

  @Test
  void anAnyInsideAnAnyIsShownAndItsHiddenFieldsAreNot() throws Exception {
    Message inner = SecretEvent.of("secret_number", 7);
    Message twice = SecretEvent.around(SecretEvent.any("test/test.Event", inner));

    assertThat(json(HIDING, twice))
        .isEqualTo(
            "{\"any\":{\"@type\":\"test/google.protobuf.Any\",\"value\":"
                + "{\"@type\":\"test/test.Event\",\"secretNumber\":\"[REDACTED]\"}}}");
    assertThat(json(REVEALING, twice)).contains("\"secretNumber\":7");
    assertThat(json(HIDING, SecretEvent.around(SecretEvent.around(inner))))
        .contains("\"secretNumber\":\"[REDACTED]\"");
  }

  @Test
  void bytesOfAnAnyThatCannotBeDecodedAreHidden() throws Exception {
    ByteString secret = ByteString.copyFromUtf8("secret@example.com");
    String base64 =
        Base64.getEncoder().encodeToString("secret@example.com".getBytes(StandardCharsets.UTF_8));

    Message unknown = SecretEvent.of("any", SecretEvent.any("test/other.Thing", secret));
    assertThat(json(HIDING, unknown))
        .isEqualTo(
            "{\"any\":{\"@type\":\"test/other.Thing\",\"value\":"
                + "\"[REDACTED]: 18 bytes of a type that is not in the schemas\"}}");
    assertThat(json(REVEALING, unknown))
        .isEqualTo("{\"any\":{\"typeUrl\":\"test/other.Thing\",\"value\":\"" + base64 + "\"}}");

    Message damaged = SecretEvent.of("any", SecretEvent.any("test/test.Event", secret));
    assertThat(json(HIDING, damaged))
        .contains("\"[REDACTED]: 18 bytes that are not a test.Event\"")
        .doesNotContain(base64);
    assertThat(json(REVEALING, damaged)).contains(base64);
  }

  @ParameterizedTest
  @CsvSource({
    "253402300800, 0",
    "-62135596801, 0",
    "0, -1",
    "0, 1000000000",
    "9223372036854775807, 2147483647",
    "-9223372036854775808, -2147483648"
  })
  void timesThatAreOutOfRangeAreShownAsTheirFields(long seconds, int nanos) throws Exception {
    Timestamp time = Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
    assertThat(json(HIDING.withDefaults(), time))
        .isEqualTo("{\"seconds\":\"" + seconds + "\",\"nanos\":" + nanos + "}");
    assertThat(json(HIDING.withDefaults(), SecretEvent.around(time)))
        .contains("\"value\":{\"seconds\":\"" + seconds + "\",\"nanos\":" + nanos + "}");
  }

  @ParameterizedTest
  @CsvSource({"315576000001, 0", "1, -1", "0, 1000000000", "-9223372036854775808, 0"})
  void durationsThatAreOutOfRangeAreShownAsTheirFields(long seconds, int nanos) throws Exception {
    Duration duration = Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
    assertThat(json(HIDING.withDefaults(), duration))
        .isEqualTo("{\"seconds\":\"" + seconds + "\",\"nanos\":" + nanos + "}");
  }

  @Test
  void nestingIsBoundedAlsoThroughAnys() {
    Message event = SecretEvent.of("number", 1L);
    for (int level = 0; level < 200; level++) {
      event = SecretEvent.around(event);
    }
    Message deep = event;
    assertThatThrownBy(() -> HIDING.write(deep))
        .isInstanceOf(UnshowableException.class)
        .hasMessage("The event is nested more than 100 levels deep.");
  }

  @Test
  void whatAnysCopyIsBoundedWhateverTheirNesting() {
    Message event = SecretEvent.of("wrapped", bytes(100_000));
    for (int level = 0; level < 40; level++) {
      event = SecretEvent.around(event);
    }
    Message large = event;
    assertThatThrownBy(() -> HIDING.maxChars(1_000_000).write(large))
        .isInstanceOf(UnshowableException.class)
        .hasMessageContaining("more than 1000000 bytes in google.protobuf.Any");
  }

  @Test
  void fieldsInAnysAreCountedTogether() {
    // 100,000 empty messages in each of three Anys: none has too many alone.
    byte[] many = new byte[200_000];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = 5 << 3 | 2;
    }
    DynamicMessage.Builder three = DynamicMessage.newBuilder(SecretEvent.TYPE);
    for (int i = 0; i < 3; i++) {
      three.addRepeatedField(
          SecretEvent.TYPE.findFieldByName("many"),
          SecretEvent.of("any", SecretEvent.any("test/test.Event", ByteString.copyFrom(many))));
    }
    assertThatThrownBy(() -> HIDING.write(three.build()))
        .isInstanceOf(UnshowableException.class)
        .hasMessageContaining("more than 250000 fields");
  }

  @Test
  void unknownFieldsAreCountedInOrderAndNotShown() throws Exception {
    UnknownFieldSet.Field field =
        UnknownFieldSet.Field.newBuilder()
            .addLengthDelimited(ByteString.copyFromUtf8("secret"))
            .build();
    Message event =
        DynamicMessage.newBuilder(SecretEvent.TYPE)
            .setUnknownFields(
                UnknownFieldSet.newBuilder().addField(99, field).addField(20, field).build())
            .build();
    EventJson.Text text = HIDING.write(event);
    assertThat(text.json()).isEqualTo("{}");
    assertThat(List.copyOf(text.unknownFields())).containsExactly(20, 99);
  }

  private static Message bytes(int size) {
    return DynamicMessage.newBuilder(SecretEvent.find("google.protobuf.BytesValue").orElseThrow())
        .setField(
            SecretEvent.find("google.protobuf.BytesValue").orElseThrow().findFieldByNumber(1),
            ByteString.copyFrom(new byte[size]))
        .build();
  }

  private static Message parsed() throws Exception {
    DynamicMessage.Builder event = DynamicMessage.newBuilder(SecretEvent.TYPE);
    TypeRegistry types = TypeRegistry.newBuilder().add(SecretEvent.TYPE).build();
    JsonFormat.parser().usingTypeRegistry(types).merge(EVENT, event);
    return event.build();
  }

  private static String json(EventJson json, Message event) throws UnshowableException {
    return json.write(event).json();
  }
}
