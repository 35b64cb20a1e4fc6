package io.hermes.cli.records;

import static io.hermes.cli.Records.REGISTERED;
import static io.hermes.cli.Records.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.hermes.Encoding;
import io.hermes.EventRecord;
import io.hermes.cli.Records;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufSerializer;
import io.hermes.contract.json.EventJson;
import io.hermes.events.v1.UserEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordFormatTest {

  private static final Contracts CONTRACTS = Contracts.onClassPath();
  private static final String[] HEADERS = {
    "event-type", "USER_REGISTERED", "message-type", "hermes.events.v1.UserEvent"
  };

  private final EventRecord<DynamicMessage> registered =
      record(12, "user-123", REGISTERED.toByteArray(), HEADERS);
  private final EventRecord<DynamicMessage> foreign =
      record(13, "user-9", utf8("hello"), "trace", "abc");
  private final EventRecord<DynamicMessage> tombstone =
      Records.of(CONTRACTS, 14, utf8("user-8"), null);

  @Test
  void prettyShowsWhatKafkaKnowsThenTheEvent() {
    assertThat(print(RecordFormat.Name.pretty, Look.PLAIN, true, registered))
        .isEqualTo(
            """
            user.events-3@12  2026-01-31T12:00:00.000Z  key user-123  USER_REGISTERED  plain  65 B
              event-type: USER_REGISTERED
              message-type: hermes.events.v1.UserEvent
            {
              "eventId": "e-1",
              "timestamp": "1767225600000",
              "userId": "user-123",
              "eventType": "USER_REGISTERED",
              "data": {
                "email": "[REDACTED]",
                "username": "jane",
                "metadata": {
                  "source": "web"
                }
              }
            }

            """);
  }

  @Test
  void prettyShowsUndecodableBytesWithTheReasonAndTombstones() {
    assertThat(print(RecordFormat.Name.pretty, Look.PLAIN, false, foreign, tombstone).lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("key user-9  -  plain  5 B"),
            line -> assertThat(line).startsWith("not decoded: ").hasSizeGreaterThan(30),
            line -> assertThat(line).isEqualTo("  [REDACTED]: --reveal shows the bytes"),
            line -> assertThat(line).isEmpty(),
            line -> assertThat(line).endsWith("key user-8  -  tombstone"),
            line -> assertThat(line).isEmpty());
    assertThat(reveal(RecordFormat.Name.pretty, foreign)).contains("\n  68 65 6c 6c 6f\n");
    assertThat(reveal(RecordFormat.Name.table, foreign)).endsWith(" 68656c6c6f\n");
    assertThat(reveal(RecordFormat.Name.json, foreign)).contains("\"valueHex\":\"68656c6c6f\"");
  }

  @Test
  void prettySaysHowMuchOfLongUndecodableBytesItLeavesOut() {
    byte[] value = new byte[5_000];
    value[0] = 1;
    assertThat(reveal(RecordFormat.Name.pretty, record(1, "k", value)).lines())
        .hasSize(2 + 2_048 / 32 + 2)
        .contains("  and 2.9 KiB more: --format json has all");
  }

  @Test
  void tableAlignsRecordsOfAllKinds() {
    String reason = Shown.of(foreign, CONTRACTS, CONTRACTS.json(false)).problem();
    assertThat(print(RecordFormat.Name.table, Look.PLAIN, false, registered, foreign, tombstone))
        .isEqualTo(
            """
            PART  OFFSET  TIME                      KEY       TYPE             ENCODING     SIZE  EVENT
               3      12  2026-01-31T12:00:00.000Z  user-123  USER_REGISTERED  plain        65 B  \
            {"eventId":"e-1","timestamp":"1767225600000","data":{"email":"[REDACTED]",\
            "username":"jane","metadata":{"source":"web"}}}
               3      13  2026-01-31T12:00:00.000Z  user-9    -                plain         5 B  \
            not decoded: %s [REDACTED]
               3      14  2026-01-31T12:00:00.000Z  user-8    -                -         tombstone
            """
                .formatted(reason));
  }

  @Test
  void tableEndsAtTheEdgeOfATerminal() {
    Look narrow = new Look(80, true, false, false);
    assertThat(
            print(RecordFormat.Name.table, narrow, false, registered, foreign, tombstone).lines())
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void jsonIsOneObjectOnALine() {
    List<JsonObject> lines =
        print(RecordFormat.Name.json, Look.PLAIN, true, registered, foreign, tombstone)
            .lines()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(lines.get(0))
        .isEqualTo(
            JsonParser.parseString(
                """
                {"topic": "user.events", "partition": 3, "offset": 12,
                 "timestamp": "2026-01-31T12:00:00.000Z", "key": "user-123",
                 "eventType": "USER_REGISTERED", "messageType": "hermes.events.v1.UserEvent",
                 "encoding": "plain", "keyBytes": 8, "valueBytes": 65,
                 "headers": [{"name": "event-type", "value": "USER_REGISTERED"},
                             {"name": "message-type", "value": "hermes.events.v1.UserEvent"}],
                 "eventBytes": 65,
                 "event": {"eventId": "e-1", "timestamp": "1767225600000", "userId": "user-123",
                           "eventType": "USER_REGISTERED",
                           "data": {"email": "[REDACTED]", "username": "jane",
                                    "metadata": {"source": "web"}}}}
                """));
    assertThat(lines.get(1).get("valueHex").getAsString()).isEqualTo("[REDACTED]");
    assertThat(lines.get(1).get("problem").getAsString()).isNotEmpty();
    assertThat(lines.get(1).has("event")).isFalse();
    assertThat(lines.get(2).get("event").isJsonNull()).isTrue();
    assertThat(lines).hasSize(3);
  }

  @Test
  void jsonHasBytesThatAreNoTextAsHexadecimal() {
    EventRecord<DynamicMessage> record =
        Records.of(CONTRACTS, 1, HexFormat.of().parseHex("ff00"), REGISTERED.toByteArray());
    JsonObject line =
        JsonParser.parseString(print(RecordFormat.Name.json, Look.PLAIN, false, record))
            .getAsJsonObject();
    assertThat(line.get("key").isJsonNull()).isTrue();
    assertThat(line.get("keyHex").getAsString()).isEqualTo("ff00");
  }

  @Test
  void rawIsTheValueAndNothingElse() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(out, new ByteArrayOutputStream(), Look.PLAIN);
    RecordFormat raw = RecordFormat.Name.raw.on(console, false, false);
    raw.print(Shown.of(registered, CONTRACTS, CONTRACTS.json(false)));
    raw.print(Shown.of(tombstone, CONTRACTS, CONTRACTS.json(false)));
    assertThat(out.toByteArray()).isEqualTo(REGISTERED.toByteArray());
  }

  @Test
  void hiddenFieldsAreShownOnDemand() {
    assertThat(reveal(RecordFormat.Name.json, registered)).contains("jane@example.com");
  }

  @Test
  void takesTheTypeFromTheEventWhereThereIsNoHeader() {
    assertThat(
            print(
                RecordFormat.Name.pretty,
                Look.PLAIN,
                false,
                record(1, "user-123", REGISTERED.toByteArray())))
        .contains("  USER_REGISTERED  plain");
  }

  @Test
  void showsBothSizesOfACompressedEvent() {
    UserEvent large =
        REGISTERED.toBuilder()
            .setData(UserEvent.Data.newBuilder().setUsername("jane".repeat(1_000)))
            .build();
    RecordHeaders headers = new RecordHeaders();
    byte @Nullable [] frame;
    try (var serializer =
        new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, ZstdOptions.defaults())) {
      frame = serializer.serialize("user.events", headers, large);
    }
    Objects.requireNonNull(frame);
    assertThat(
            print(
                RecordFormat.Name.pretty,
                Look.PLAIN,
                false,
                record(1, "user-123", frame, "content-encoding", "zstd")))
        .contains("  zstd  " + frame.length + " B of " + Units.bytes(large.getSerializedSize()))
        .contains("janejane");
  }

  @Test
  void tellsOfFieldsThatTheSchemaHereLacks() {
    UserEvent newer =
        REGISTERED.toBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("new"))
                            .build())
                    .build())
            .build();
    EventRecord<DynamicMessage> record = record(1, "user-123", newer.toByteArray());
    assertThat(print(RecordFormat.Name.pretty, Look.PLAIN, false, record))
        .contains("and 6 B in fields that are not in this schema");
    assertThat(print(RecordFormat.Name.json, Look.PLAIN, false, record))
        .contains("\"unknownFieldBytes\":6");
  }

  @Test
  void neverLetsARecordControlTheTerminal() {
    String attack = "\u001b[31m\u009b2J\u202eevil\r\n";
    UserEvent event =
        REGISTERED.toBuilder().setData(UserEvent.Data.newBuilder().setUsername(attack)).build();
    EventRecord<DynamicMessage> record =
        record(1, attack, event.toByteArray(), "event-type", attack, "x" + attack, attack);
    for (RecordFormat.Name format : List.of(RecordFormat.Name.pretty, RecordFormat.Name.table)) {
      assertThat(print(format, Look.PLAIN, true, record))
          .contains("\\u001b[31m\\u009b2J\\u202eevil")
          .doesNotContain("\u001b", "\u009b", "\u202e", "\r");
    }
  }

  @Test
  void coloursOnlyTerminalsAndHonoursNoColor() {
    Properties terminal = new Properties();
    terminal.setProperty("hermes.columns", "120");
    assertThat(Look.of(terminal, Map.of()).colour()).isTrue();
    assertThat(Look.of(terminal, Map.of("NO_COLOR", "")).colour()).isTrue();
    assertThat(Look.of(terminal, Map.of("NO_COLOR", "1")).colour()).isFalse();
    assertThat(Look.of(terminal, Map.of("TERM", "dumb")).colour()).isFalse();
    assertThat(Look.of(new Properties(), Map.of()).colour()).isFalse();
    assertThat(print(RecordFormat.Name.pretty, Look.of(terminal, Map.of()), false, registered))
        .contains("\u001b[1muser.events-3@12\u001b[");
  }

  private static EventRecord<DynamicMessage> record(
      long offset, String key, byte[] value, String... headers) {
    return Records.of(CONTRACTS, offset, utf8(key), value, headers);
  }

  private static String reveal(RecordFormat.Name name, EventRecord<DynamicMessage> record) {
    return printAll(name, Look.PLAIN, false, CONTRACTS.json(true), List.of(record));
  }

  @SafeVarargs
  private static String print(
      RecordFormat.Name name, Look look, boolean headers, EventRecord<DynamicMessage>... records) {
    List<EventRecord<DynamicMessage>> all = new ArrayList<>();
    for (EventRecord<DynamicMessage> record : records) {
      all.add(record);
    }
    return printAll(name, look, headers, CONTRACTS.json(false), all);
  }

  private static String printAll(
      RecordFormat.Name name,
      Look look,
      boolean headers,
      EventJson json,
      List<EventRecord<DynamicMessage>> records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(out, new ByteArrayOutputStream(), look);
    RecordFormat format = name.on(console, headers, false);
    records.forEach(record -> format.print(Shown.of(record, CONTRACTS, json)));
    console.out().flush();
    return out.toString(StandardCharsets.UTF_8);
  }
}
