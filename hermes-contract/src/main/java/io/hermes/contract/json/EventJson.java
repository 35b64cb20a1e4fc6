package io.hermes.contract.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.hermes.contract.TopicContract;
import io.hermes.contract.schema.ContractProblems;
import io.hermes.contract.schema.SchemaSet;
import java.io.IOException;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Writes events as protobuf's JSON, with 64-bit integers as text, for people to read. It hides
 * fields that are marked {@code debug_redact} in the schema, and bytes that may contain such
 * fields: an {@code Any} whose type is unknown or whose value is corrupt. For any message, the cost
 * is bounded and the result is either JSON or an {@link UnshowableException}. For example, a {@code
 * Timestamp} that is out of range is shown as its two fields. Immutable.
 */
public final class EventJson {

  /** The placeholder for a hidden value. */
  public static final String REDACTED = "[REDACTED]";

  private static final int DEFAULT_MAX_CHARS = 1 << 28;

  private final Function<String, Optional<Descriptor>> types;
  private final boolean revealed;
  private final boolean defaults;
  private final int maxChars;

  private EventJson(
      Function<String, Optional<Descriptor>> types,
      boolean revealed,
      boolean defaults,
      int maxChars) {
    this.types = types;
    this.revealed = revealed;
    this.defaults = defaults;
    this.maxChars = maxChars;
  }

  /**
   * Creates a writer that hides marked fields, and omits fields without presence that have their
   * default value.
   *
   * @param types finds a message by its full name, for the content of {@code Any}
   */
  public static EventJson of(Function<String, Optional<Descriptor>> types) {
    return new EventJson(types, false, false, DEFAULT_MAX_CHARS);
  }

  /**
   * Returns a copy that shows or hides marked fields.
   *
   * @param reveal whether to show them
   */
  public EventJson revealing(boolean reveal) {
    return new EventJson(types, reveal, defaults, maxChars);
  }

  /** Returns a copy that also writes fields without presence that have their default value. */
  public EventJson withDefaults() {
    return new EventJson(types, revealed, true, maxChars);
  }

  /**
   * Returns a copy with another size limit.
   *
   * @param chars the maximum number of characters in the JSON of one event
   */
  public EventJson maxChars(int chars) {
    return new EventJson(types, revealed, defaults, chars);
  }

  /** Whether fields that are marked {@code debug_redact} are shown. */
  public boolean isRevealing() {
    return revealed;
  }

  /**
   * Returns the JSON of an event.
   *
   * @throws UnshowableException if the event is too large or nested too deeply
   */
  public Text write(Message event) throws UnshowableException {
    JsonWriter writer = new JsonWriter(this);
    return new Text(writer.write(event), writer.unknownFields());
  }

  /**
   * An event as JSON.
   *
   * @param json one JSON value
   * @param unknownFields the numbers of the fields, at any depth, that the schema does not define;
   *     they are not in the JSON
   */
  public record Text(String json, Set<Integer> unknownFields) {

    /** Copies the set, in ascending order. */
    public Text {
      unknownFields = Collections.unmodifiableSet(new TreeSet<>(unknownFields));
    }
  }

  /**
   * Parses bytes from an untrusted sender, where two bytes can become an object of a hundred bytes.
   *
   * @throws UnshowableException if the message has more fields than can be shown, or is nested too
   *     deeply
   * @throws InvalidProtocolBufferException if the bytes are not a message of that type
   */
  public static DynamicMessage parse(Descriptor type, byte[] bytes)
      throws UnshowableException, InvalidProtocolBufferException {
    try {
      new FieldCount().check(type, bytes);
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
    return DynamicMessage.parseFrom(type, bytes, ExtensionRegistry.getEmptyRegistry());
  }

  /** Whether the contract's key field is hidden. */
  public static boolean hidesKey(Descriptor event) {
    return hides(event, SchemaSet.contract(event).map(TopicContract::getKeyField).orElse(""));
  }

  /** Whether the field that identifies an event is hidden. */
  public static boolean hidesId(Descriptor event) {
    return hides(
        event,
        SchemaSet.contract(event)
            .flatMap(contract -> ContractProblems.idField(event, contract))
            .orElse(""));
  }

  private static boolean hides(Descriptor event, String path) {
    Descriptor message = event;
    for (String name : path.split("\\.", -1)) {
      FieldDescriptor field = message.findFieldByName(name);
      if (field == null) {
        return false;
      }
      if (field.getOptions().getDebugRedact()) {
        return true;
      }
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        return false;
      }
      message = field.getMessageType();
    }
    return false;
  }

  Optional<Descriptor> type(String fullName) {
    return types.apply(fullName);
  }

  boolean writesDefaults() {
    return defaults;
  }

  int maxChars() {
    return maxChars;
  }
}
