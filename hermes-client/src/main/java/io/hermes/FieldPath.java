package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path to a singular field of a message, which may be nested: {@code data.username}. Immutable.
 */
final class FieldPath {

  private final List<FieldDescriptor> parents;
  private final FieldDescriptor leaf;

  private FieldPath(List<FieldDescriptor> parents, FieldDescriptor leaf) {
    this.parents = List.copyOf(parents);
    this.leaf = leaf;
  }

  /** Resolves a path from a contract that has been validated. */
  static FieldPath of(Descriptor message, String path) {
    List<FieldDescriptor> fields = new ArrayList<>();
    Descriptor at = message;
    for (String name : path.split("\\.", -1)) {
      if (!fields.isEmpty()) {
        at = fields.get(fields.size() - 1).getMessageType();
      }
      fields.add(Objects.requireNonNull(at.findFieldByName(name)));
    }
    int last = fields.size() - 1;
    return new FieldPath(fields.subList(0, last), fields.get(last));
  }

  FieldDescriptor leaf() {
    return leaf;
  }

  /**
   * The field's value or default; null if it, or an enclosing message, has presence and is unset.
   */
  @Nullable Object read(Message event) {
    Message at = event;
    for (FieldDescriptor parent : parents) {
      if (!at.hasField(parent)) {
        return null;
      }
      at = (Message) at.getField(parent);
    }
    return leaf.hasPresence() && !at.hasField(leaf) ? null : at.getField(leaf);
  }
}
