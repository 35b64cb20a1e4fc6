package io.hermes.cli.records;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.json.UnshowableException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A record and everything to show about it. It has either an event or a problem, or it is a
 * tombstone and has neither.
 *
 * @param record the record
 * @param hidesKey whether its key is hidden
 * @param type its event type, from its header or else from its contract
 * @param encoding {@code plain}, {@code zstd}, or the value of its header; {@code -} for a
 *     tombstone
 * @param contract the event's contract, if the event could be decoded
 * @param event the event as JSON
 * @param problem why there is no event
 * @param hidesBytes whether the bytes of a value with a problem are hidden
 */
public record Shown(
    EventRecord<DynamicMessage> record,
    boolean hidesKey,
    @Nullable String type,
    String encoding,
    @Nullable Topic<DynamicMessage> contract,
    @Nullable JsonObject event,
    @Nullable String problem,
    boolean hidesBytes) {

  private static final byte[] HIDDEN = EventJson.REDACTED.getBytes(StandardCharsets.UTF_8);

  /**
   * Analyzes a record. It never throws, whatever the record's bytes are.
   *
   * @param json how events are shown
   */
  public static Shown of(EventRecord<DynamicMessage> record, Contracts contracts, EventJson json) {
    String type = record.eventType();
    boolean hides = !json.isRevealing();
    boolean hidesKey = hides && contracts.hidesKey(record.topic());
    if (record.isTombstone()) {
      return new Shown(record, hidesKey, type, "-", null, null, null, hides);
    }
    Topic<DynamicMessage> contract = null;
    try {
      String encoding = record.encoding().name().toLowerCase(Locale.ROOT);
      DynamicMessage event = record.event();
      contract = contracts.of(event);
      hidesKey |= hides && EventJson.hidesKey(contract.descriptor());
      type = type == null ? contract.eventType(event) : type;
      JsonObject shown = JsonParser.parseString(json.write(event).json()).getAsJsonObject();
      return new Shown(record, hidesKey, type, encoding, contract, shown, null, hides);
    } catch (UndecodableEventException | UnshowableException e) {
      String declared = EventHeaders.text(record.headers(), EventHeaders.CONTENT_ENCODING);
      String encoding = declared == null ? "plain" : declared;
      return new Shown(record, hidesKey, type, encoding, contract, null, reason(e), hides);
    }
  }

  /** Without the position, which is shown separately. */
  private static String reason(Exception failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** The plain size of the event; 0 if there is none. */
  int eventBytes() {
    if (event == null) {
      return 0;
    }
    return record.encoding() == Encoding.PLAIN
        ? valueBytes(record)
        : record.event().getSerializedSize();
  }

  /** How much of the event is in fields that are not in this schema. */
  int unknownBytes() {
    return event == null ? 0 : unknownBytes(record.event());
  }

  private static int unknownBytes(Message message) {
    int bytes = message.getUnknownFields().getSerializedSize();
    for (Object value : message.getAllFields().values()) {
      for (Object element : value instanceof Collection<?> several ? several : List.of(value)) {
        bytes += element instanceof Message nested ? unknownBytes(nested) : 0;
      }
    }
    return bytes;
  }

  static int valueBytes(EventRecord<?> record) {
    byte[] value = record.rawValue();
    return value == null ? 0 : value.length;
  }

  /** The record's key, or a placeholder if it is hidden. */
  public byte @Nullable [] key() {
    return hidesKey && record.rawKey() != null ? HIDDEN.clone() : record.rawKey();
  }

  /** The bytes of a value that is not decoded; null if they are hidden, or there are none. */
  byte @Nullable [] undecoded() {
    return problem == null || hidesBytes ? null : record.rawValue();
  }

  /**
   * Its display name: its event type, or else its message's name without the package, or else -.
   */
  public String label() {
    if (type != null) {
      return type;
    }
    String message = contract == null ? record.messageType() : contract.messageType();
    return message == null ? "-" : message.substring(message.lastIndexOf('.') + 1);
  }

  /** The value's size in Kafka, and the event's own size if it differs. */
  String size() {
    if (record.isTombstone()) {
      return "tombstone";
    }
    String stored = Units.bytes(valueBytes(record));
    return encoding.equals("zstd") && event != null
        ? stored + " of " + Units.bytes(eventBytes())
        : stored;
  }
}
