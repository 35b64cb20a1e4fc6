package io.hermes.examples.cli;

import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A record and all that is to be said of it. Either it has an event, or a problem, or it is a
 * tombstone and has neither.
 *
 * @param record the record
 * @param type its event type: as its header says, or else as its contract says
 * @param encoding {@code plain}, {@code zstd}, or what its header says; {@code -} for a tombstone
 * @param contract that of the event
 * @param event the event as JSON
 * @param eventBytes the plain size of the event
 * @param unknownBytes how much of it is in fields that the schema here does not have
 * @param problem why there is no event
 */
record Shown(
    EventRecord<DynamicMessage> record,
    @Nullable String type,
    String encoding,
    @Nullable Topic<DynamicMessage> contract,
    @Nullable JsonObject event,
    int eventBytes,
    int unknownBytes,
    @Nullable String problem) {

  static Shown of(EventRecord<DynamicMessage> record, Contracts contracts, EventJson json) {
    String type = record.eventType();
    if (record.isTombstone()) {
      return new Shown(record, type, "-", null, null, 0, 0, null);
    }
    try {
      String encoding = record.encoding().name().toLowerCase(Locale.ROOT);
      DynamicMessage event = record.event();
      Topic<DynamicMessage> contract = contracts.of(event);
      return new Shown(
          record,
          type == null ? contract.eventType(event) : type,
          encoding,
          contract,
          json.of(event),
          record.encoding() == Encoding.PLAIN ? valueBytes(record) : event.getSerializedSize(),
          unknownBytes(event),
          null);
    } catch (UndecodableEventException | InvalidProtocolBufferException e) {
      String declared = EventHeaders.text(record.headers(), EventHeaders.CONTENT_ENCODING);
      return new Shown(
          record, type, declared == null ? "plain" : declared, null, null, 0, 0, reason(e));
    }
  }

  /** Without the position, which is shown anyway. */
  private static String reason(Exception failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
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

  /** What to call it: its event type, or else its message's name without the package, or else -. */
  String label() {
    if (type != null) {
      return type;
    }
    String message = contract == null ? record.messageType() : contract.messageType();
    return message == null ? "-" : message.substring(message.lastIndexOf('.') + 1);
  }

  /** The value's size in Kafka, and beside it the event's own where they differ. */
  String size() {
    if (record.isTombstone()) {
      return "tombstone";
    }
    String stored = Units.bytes(valueBytes(record));
    return encoding.equals("zstd") && event != null
        ? stored + " of " + Units.bytes(eventBytes)
        : stored;
  }
}
