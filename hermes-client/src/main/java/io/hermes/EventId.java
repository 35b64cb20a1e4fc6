package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.contract.TopicContract;
import io.hermes.contract.schema.ContractProblems;
import org.jspecify.annotations.Nullable;

/** Reads what identifies an event. Immutable. */
final class EventId {

  private final String message;
  private final @Nullable FieldPath field;

  private EventId(String message, @Nullable FieldPath field) {
    this.message = message;
    this.field = field;
  }

  /** For a contract that has been validated. */
  static EventId of(Descriptor message, TopicContract contract) {
    return new EventId(
        message.getFullName(),
        ContractProblems.idField(message, contract)
            .map(path -> FieldPath.of(message, path))
            .orElse(null));
  }

  boolean isDefined() {
    return field != null;
  }

  String of(Message event) {
    if (field == null) {
      throw new ContractException(
          message
              + " has no id: add string event_id, or name a field by id_field in its contract.");
    }
    Object value = field.read(event);
    String text = value == null ? "" : RecordKey.text(field.leaf(), value);
    if (text.isEmpty()) {
      throw new ContractException(
          message
              + " has an empty "
              + field.leaf().getName()
              + ", which is its id. Set it: a duplicate has the same one.");
    }
    return text;
  }
}
