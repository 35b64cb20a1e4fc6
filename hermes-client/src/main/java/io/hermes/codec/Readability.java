package io.hermes.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Rejects events that readers could not decode. Protobuf serializes messages that it cannot parse:
 * nested more than 100 levels deep, or without their required fields ({@code buildPartial}). Most
 * message types can have neither problem; that is determined once for each type. For other types,
 * each event is checked. Immutable.
 */
final class Readability {

  /** The limit of protobuf's parser, in levels below the outermost message. */
  static final int MOST_LEVELS = 100;

  /** Values up to this length are within the limit, since each level takes a tag and a length. */
  private static final int LONGEST_SHALLOW = 2 * (MOST_LEVELS + 1) - 1;

  private final Descriptor type;
  private final boolean nests;
  private final boolean requires;

  private Readability(Descriptor type, boolean nests, boolean requires) {
    this.type = type;
    this.nests = nests;
    this.requires = requires;
  }

  /** Visits all message types that a type can contain, including itself. */
  static Readability of(Descriptor type) {
    Map<Descriptor, Integer> levels = new HashMap<>();
    boolean nests = levels(type, levels, new HashSet<>()) > MOST_LEVELS;
    boolean requires =
        levels.keySet().stream()
            .anyMatch(
                each ->
                    each.isExtendable() // an extension can be a message with required fields
                        || each.getFields().stream().anyMatch(FieldDescriptor::isRequired));
    return new Readability(type, nests, requires);
  }

  /**
   * The number of message levels that a type can have below it; above the limit if it can contain
   * itself.
   */
  private static int levels(
      Descriptor type, Map<Descriptor, Integer> known, Set<Descriptor> around) {
    Integer before = known.get(type);
    if (before != null) {
      return before;
    }
    if (!around.add(type)) {
      return MOST_LEVELS + 1;
    }
    int most = 0;
    for (FieldDescriptor field : type.getFields()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        most = Math.max(most, 1 + levels(field.getMessageType(), known, around));
      }
    }
    around.remove(type);
    int levels = Math.min(most, MOST_LEVELS + 1);
    known.put(type, levels);
    return levels;
  }

  boolean isOf(Descriptor other) {
    return type == other;
  }

  /**
   * Checks an event.
   *
   * @param plain its bytes
   * @throws SerializationException if a reader could not decode it
   */
  void require(Message event, byte[] plain) {
    if (requires && !event.isInitialized()) {
      throw unreadable(
          "it lacks the required fields "
              + String.join(", ", event.findInitializationErrors())
              + "; set them, and call build() rather than buildPartial()",
          null);
    }
    boolean mayBeDeep = nests && plain.length > LONGEST_SHALLOW;
    // Unknown fields are written unchanged, whatever they contain.
    if (mayBeDeep || event.getUnknownFields().getSerializedSize() > 0) {
      try {
        event.getParserForType().parsePartialFrom(plain);
      } catch (InvalidProtocolBufferException e) {
        String why = String.valueOf(e.getMessage());
        throw unreadable(
            why.contains("levels of nesting")
                ? "its messages are nested more than " + MOST_LEVELS + " levels deep"
                : "parsing it again fails: " + why,
            e);
      }
    }
  }

  /** For an event whose nesting overflowed the stack in protobuf's own recursion. */
  static SerializationException tooDeep(Descriptor type, StackOverflowError e) {
    return new SerializationException(
        "No reader could decode this "
            + type.getFullName()
            + ": its messages are nested so deeply that serializing it overflowed the stack;"
            + " readers accept "
            + MOST_LEVELS
            + " levels.",
        e);
  }

  private SerializationException unreadable(String why, @Nullable Exception cause) {
    return new SerializationException(
        "No reader could decode this " + type.getFullName() + ": " + why + ".", cause);
  }
}
