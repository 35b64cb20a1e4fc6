package io.hermes.kafkaui;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.UndecodableEventException;
import io.hermes.codec.Decompressors;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.json.UnshowableException;
import io.hermes.contract.schema.ContractRules;
import io.hermes.contract.schema.SchemaSet;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.RecordHeader;
import io.kafbat.ui.serde.api.RecordHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Converts a record's value to JSON by the same rules as Hermes' own readers. Safe for any thread.
 */
final class ValueDecoder {

  private final List<SchemaSet> schemas;
  private final Decompressors frames;
  private final EventJson json;
  private final int maxDecodedBytes;
  private final int maxJsonChars;

  ValueDecoder(Settings settings, Decompressors frames) {
    this.schemas = settings.schemas();
    this.frames = frames;
    this.maxDecodedBytes = settings.zstd().maxEventBytes();
    this.maxJsonChars = settings.maxJsonChars();
    // Fields without presence are always shown, as in kafka-ui's own serde.
    this.json =
        EventJson.of(this::message)
            .revealing(settings.reveal())
            .withDefaults()
            .maxChars(maxJsonChars);
  }

  /** The events of a topic; for a dead-letter topic, those of the original topic. */
  List<Descriptor> events(String topic) {
    String source =
        topic.endsWith(ContractRules.DEAD_LETTER_SUFFIX)
            ? topic.substring(0, topic.length() - ContractRules.DEAD_LETTER_SUFFIX.length())
            : topic;
    return schemas.stream()
        .map(set -> set.events(topic).isEmpty() ? set.events(source) : set.events(topic))
        .filter(events -> !events.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  DeserializeResult decode(
      List<Descriptor> events, RecordHeaders headers, byte @Nullable [] value) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (value == null) {
      return new DeserializeResult(
          null, DeserializeResult.Type.STRING, Map.of("type", "tombstone"));
    }
    properties.put("valueBytes", value.length);
    try {
      return new DeserializeResult(
          json(events, headers, value, properties), DeserializeResult.Type.JSON, properties);
    } catch (UndecodableException | UnshowableException e) {
      // Bytes that cannot be decoded may contain fields that must be hidden.
      String bytes =
          json.isRevealing()
              ? Hex.of(value)
              : EventJson.REDACTED + ": revealRedacted shows the bytes";
      return new DeserializeResult(
          Hex.undecodable(String.valueOf(e.getMessage()), bytes),
          DeserializeResult.Type.JSON,
          properties);
    }
  }

  private String json(
      List<Descriptor> events, RecordHeaders headers, byte[] value, Map<String, Object> properties)
      throws UndecodableException, UnshowableException {
    Descriptor type = type(events, last(headers, EventHeaders.MESSAGE_TYPE));
    properties.put("type", type.getFullName());
    byte[] plain = plain(last(headers, EventHeaders.CONTENT_ENCODING), value, properties);
    DynamicMessage event = parse(type, plain);
    EventJson.Text text;
    try {
      text = json.write(event);
    } catch (UnshowableException e) {
      throw new UndecodableException(
          "%s maxJsonChars is %d. %s".formatted(e.getMessage(), maxJsonChars, size(plain, value)));
    }
    if (!text.unknownFields().isEmpty()) {
      properties.put("unknownFields", text.unknownFields().toString());
    }
    return text.json();
  }

  private static String size(byte[] plain, byte[] value) {
    return plain.length == value.length
        ? "It has %d bytes.".formatted(plain.length)
        : "It has %d bytes, %d in Kafka.".formatted(plain.length, value.length);
  }

  private Descriptor type(List<Descriptor> events, @Nullable String messageType)
      throws UndecodableException {
    if (messageType != null) {
      return message(messageType)
          .orElseThrow(
              () ->
                  new UndecodableException(
                      "The header message-type is \"%s\", which is not in this plugin's schemas. Add its descriptor set to descriptorSets."
                          .formatted(shorten(messageType))));
    }
    if (events.isEmpty()) {
      throw new UndecodableException(
          "No schema has a contract for this topic, and the record has no header message-type.");
    }
    if (events.size() > 1) {
      throw new UndecodableException(
          "The topic carries %d event types, but the record has no header message-type."
              .formatted(events.size()));
    }
    return events.get(0);
  }

  private Optional<Descriptor> message(String name) {
    return schemas.stream().flatMap(set -> set.message(name).stream()).findFirst();
  }

  private byte[] plain(
      @Nullable String contentEncoding, byte[] value, Map<String, Object> properties)
      throws UndecodableException {
    checkFraming(value);
    String encoding =
        contentEncoding == null ? "" : contentEncoding.trim().toLowerCase(Locale.ROOT);
    boolean frame = Encoding.isZstdFrame(ByteBuffer.wrap(value));
    if (contentEncoding == null) {
      if (frame) {
        // Readers treat it as a plain value. Nearly all frames parse as one, and would be shown as
        // an event that never existed.
        throw new UndecodableException(
            "The value starts like a ZSTD frame, but the record has no header content-encoding.");
      }
      properties.put("encoding", "plain");
      return checkSize(value);
    }
    if (!encoding.equals("zstd")) {
      throw new UndecodableException(
          "The header content-encoding is \"%s\"; only zstd is supported."
              .formatted(shorten(contentEncoding)));
    }
    if (!frame) {
      properties.put("encoding", "plain (its header content-encoding is stale)");
      return checkSize(value);
    }
    byte[] plain = decompress(value);
    long dictionary = Zstd.getDictIdFromFrame(value);
    properties.put("encoding", dictionary == 0 ? "zstd" : "zstd with dictionary " + dictionary);
    properties.put("decodedBytes", plain.length);
    properties.put(
        "ratio", String.format(Locale.ROOT, "%.2f", (double) plain.length / value.length));
    return plain;
  }

  private byte[] decompress(byte[] frame) throws UndecodableException {
    try {
      return frames.decompress(
          ByteBuffer.wrap(frame),
          content -> {
            byte[] plain = new byte[content.remaining()];
            content.get(plain);
            return plain;
          });
    } catch (UndecodableEventException e) {
      // Replaces the library's names for these settings with the plugin's.
      throw new UndecodableException(
          String.valueOf(e.getMessage())
              .replace("the reader's ZstdOptions", "dictionariesDir")
              .replace("maxEventBytes here and in the publisher", "maxDecodedBytes"));
    }
  }

  private byte[] checkSize(byte[] plain) throws UndecodableException {
    if (plain.length > maxDecodedBytes) {
      throw new UndecodableException(
          "The value has %d bytes, but maxDecodedBytes is %d."
              .formatted(plain.length, maxDecodedBytes));
    }
    return plain;
  }

  private static void checkFraming(byte[] value) throws UndecodableException {
    if (value.length > 0 && value[0] >= 0 && value[0] <= 7) {
      String registry =
          switch (value[0]) {
            case 0 -> ", but looks framed for the schema registry of Confluent or Apicurio";
            case 3 -> ", but looks framed for AWS Glue's schema registry";
            default -> "";
          };
      throw new UndecodableException(
          "The value does not start like protobuf (first byte 0x%02x)%s."
              .formatted(value[0], registry));
    }
  }

  private static DynamicMessage parse(Descriptor type, byte[] plain)
      throws UndecodableException, UnshowableException {
    DynamicMessage event;
    try {
      event = EventJson.parse(type, plain);
    } catch (InvalidProtocolBufferException e) {
      throw new UndecodableException(
          "The value is not a %s: %s".formatted(type.getFullName(), e.getMessage()));
    }
    if (event.getAllFields().isEmpty()
        && plain.length > 0
        && !event.getUnknownFields().asMap().isEmpty()) {
      throw new UndecodableException(
          "The value has no field that %s has.".formatted(type.getFullName()));
    }
    return event;
  }

  private static @Nullable String last(RecordHeaders headers, String key) {
    byte[] value = null;
    for (RecordHeader header : headers) {
      if (key.equals(header.key())) {
        value = header.value();
      }
    }
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  private static String shorten(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "...";
  }
}
