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
 * Refuses to write what readers would refuse to read. Protobuf writes messages that it does not
 * read: nested more than 100 levels deep, or without their required fields ({@code buildPartial}).
 * Most message types can have neither, which is decided once for each type; of the others each
 * event is looked at. Immutable.
 */
final class Readability {

  /** Protobuf's limit: of a parser, below the outermost message. */
  static final int MOST_LEVELS = 100;

  /** A value with more levels is longer: each level takes a tag and a length. */
  private static final int LONGEST_SHALLOW = 2 * (MOST_LEVELS + 1) - 1;

  private final Descriptor type;
  private final boolean nests;
  private final boolean requires;

  private Readability(Descriptor type, boolean nests, boolean requires) {
    this.type = type;
    this.nests = nests;
    this.requires = requires;
  }

  /** Looks through all message types that a type can contain, its own included. */
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
   * How many levels of messages a type can have below it; more than the limit if it can contain
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
   * Looks at an event.
   *
   * @param plain its bytes
   * @throws SerializationException if a reader would refuse it
   */
  void require(Message event, byte[] plain) {
    if (requires && !event.isInitialized()) {
      throw unreadable(
          "it lacks the required fields "
              + String.join(", ", event.findInitializationErrors())
              + ": set them, and build() it rather than buildPartial()",
          null);
    }
    boolean mayBeDeep = nests && plain.length > LONGEST_SHALLOW;
    // Fields that the type does not have are written as they are, whatever is in them.
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

  /** For an event on which protobuf's own recursion used up the stack. */
  static SerializationException tooDeep(Descriptor type, StackOverflowError e) {
    return new SerializationException(
        "No reader could decode this "
            + type.getFullName()
            + ": its messages are nested so deep that writing it used up the stack; readers take "
            + MOST_LEVELS
            + " levels.",
        e);
  }

  private SerializationException unreadable(String why, @Nullable Exception cause) {
    return new SerializationException(
        "No reader could decode this " + type.getFullName() + ": " + why + ".", cause);
  }
}
