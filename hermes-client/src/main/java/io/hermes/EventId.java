package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.contract.TopicContract;
import io.hermes.contract.schema.ContractProblems;
import org.jspecify.annotations.Nullable;

/** Reads the id of an event. Immutable. */
final class EventId {

  private final String message;
  private final String path;
  private final @Nullable FieldPath field;

  private EventId(String message, String path, @Nullable FieldPath field) {
    this.message = message;
    this.path = path;
    this.field = field;
  }

  /** For a contract that has been validated. */
  static EventId of(Descriptor message, TopicContract contract) {
    String path = ContractProblems.idField(message, contract).orElse("");
    return new EventId(
        message.getFullName(), path, path.isEmpty() ? null : FieldPath.of(message, path));
  }

  boolean isDefined() {
    return field != null;
  }

  String of(Message event) {
    if (field == null) {
      throw new ContractException(
          message + " has no id.",
          "Add string event_id, or name a field with id_field in its contract.");
    }
    Object value = field.read(event);
    String text = value == null ? "" : RecordKey.text(field.leaf(), value);
    if (text.isEmpty() || isUnset(field, value)) {
      throw new ContractException(
          message + " has an empty " + path + ", which is its id.",
          "Set it; duplicates of an event must have the same id.");
    }
    return text;
  }

  /** A 0 in a field without presence: all such events would share one id. */
  private static boolean isUnset(FieldPath field, @Nullable Object value) {
    return value instanceof Number number && number.longValue() == 0 && !field.leaf().hasPresence();
  }
}
