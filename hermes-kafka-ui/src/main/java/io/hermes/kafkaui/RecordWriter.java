package io.hermes.kafkaui;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.schema.SchemaSet;
import io.kafbat.ui.serde.api.Serde.Serializer;
import io.kafbat.ui.serde.api.Serde.Target;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Creates the record from what a user has entered under "Produce Message", with the value and
 * headers that a publisher would write for the event's contract. kafka-ui serializes the key first
 * and then, on the same thread and with the same headers, the value, so the key can be checked
 * against the value. Input that would become a record that no consumer can decode, or whose key
 * differs from the contract's, is rejected with an exception whose message kafka-ui shows. Safe for
 * any thread.
 */
final class RecordWriter {

  private static final ThreadLocal<@Nullable Key> LAST_KEY = new ThreadLocal<>();

  private final List<SchemaSet> schemas;
  private final EventParser parser;

  RecordWriter(List<SchemaSet> schemas) {
    this.schemas = schemas;
    this.parser = new EventParser(schemas);
  }

  /**
   * A serializer for one record.
   *
   * @param events the types that the topic carries; for a dead-letter topic, those of the original
   *     topic
   */
  Serializer serializer(String topic, Target target, List<Descriptor> events) {
    return new WithHeaders() {
      @Override
      public byte[] serialize(String input, Headers headers) {
        if (schemas.stream().allMatch(set -> set.events(topic).isEmpty())) {
          throw new IllegalArgumentException(
              "%s is a dead-letter topic: only subscribers write to it. Produce to the topic itself."
                  .formatted(topic));
        }
        return target == Target.KEY
            ? key(events, input, headers)
            : value(topic, events, input, headers);
      }
    };
  }

  private byte[] key(List<Descriptor> events, String input, Headers headers) {
    if (input.equals(EventJson.REDACTED)) {
      throw new IllegalArgumentException(
          "The key is %s, which the plugin shows in place of a hidden key. Enter the key itself."
              .formatted(EventJson.REDACTED));
    }
    byte[] key = bytes(events, input);
    LAST_KEY.set(new Key(headers, key));
    return key;
  }

  private static byte[] bytes(List<Descriptor> events, String input) {
    if (!events.stream().allMatch(KeyDecoder::keyIsBytes)) {
      return input.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(input);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "The key field has the type bytes: enter the key as hexadecimal digits.", e);
    }
  }

  private byte[] value(String topic, List<Descriptor> events, String input, Headers headers) {
    Key entered = LAST_KEY.get();
    LAST_KEY.remove();
    DynamicMessage event =
        parser.parse(topic, events, EventHeaders.text(headers, EventHeaders.MESSAGE_TYPE), input);
    Topic<DynamicMessage> contract = Topic.of(event.getDescriptorForType());
    checkKey(contract, event, entered != null && entered.headers == headers ? entered.key : null);
    // A reproduced message carries the headers of the original record.
    headers.remove(EventHeaders.EVENT_TYPE);
    headers.remove(EventHeaders.MESSAGE_TYPE);
    headers.remove(EventHeaders.CONTENT_ENCODING);
    contract.addHeaders(event, headers);
    return event.toByteArray();
  }

  private static void checkKey(
      Topic<DynamicMessage> contract, DynamicMessage event, byte @Nullable [] entered) {
    byte[] key = contract.key(event);
    if (Arrays.equals(key, entered)) {
      return;
    }
    String message = contract.messageType();
    if (key == null) {
      throw new IllegalArgumentException(
          "The record of this %s has no key. Leave the key empty.".formatted(message));
    }
    String field = contract.contract().getKeyField();
    boolean hex = KeyDecoder.keyIsBytes(contract.descriptor());
    if (entered == null) {
      throw new IllegalArgumentException(
          "The key is missing: it is the event's %s. Enter %s as the key, with this serde as the key serde."
              .formatted(field, shown(key, hex)));
    }
    throw new IllegalArgumentException(
        "The key is %s, but it must be the event's %s, %s."
            .formatted(shown(entered, hex), field, shown(key, hex)));
  }

  private static String shown(byte[] key, boolean hex) {
    return hex ? HexFormat.of().formatHex(key) : new String(key, StandardCharsets.UTF_8);
  }

  /** The key of the record with these headers. */
  private static final class Key {

    private final Headers headers;
    private final byte[] key;

    Key(Headers headers, byte[] key) {
      this.headers = headers;
      this.key = key;
    }
  }

  /**
   * The serializer for kafka-ui v1.5.0 and later, which has a second method. The API on Maven
   * Central lacks that method; kafka-ui finds it by name and parameters.
   */
  abstract static class WithHeaders implements Serializer {

    /** Serializes the key or value of the record, and sets its headers. */
    public abstract byte[] serialize(String input, Headers headers);

    @Override
    public final byte[] serialize(String input) {
      throw new IllegalStateException(
          "This kafka-ui cannot produce events: it passes no headers to a serde, and an event needs"
              + " some. Use kafka-ui v1.5.0 or later, or ./hermes produce.");
    }
  }
}
