package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A singular field of a message, perhaps inside nested ones: {@code data.username}. Immutable. */
final class FieldPath {

  private final List<FieldDescriptor> parents;
  private final FieldDescriptor leaf;

  private FieldPath(List<FieldDescriptor> parents, FieldDescriptor leaf) {
    this.parents = List.copyOf(parents);
    this.leaf = leaf;
  }

  /**
   * Finds the field.
   *
   * @param role the option that names it, for the message of the error
   */
  static FieldPath of(Descriptor message, String path, String role) {
    List<FieldDescriptor> parents = new ArrayList<>();
    Descriptor at = message;
    String[] names = path.split("\\.", -1);
    for (int i = 0; ; i++) {
      FieldDescriptor field = at.findFieldByName(names[i]);
      if (field == null) {
        throw new ContractException(
            message.getFullName()
                + ": "
                + role
                + " is '"
                + path
                + "', but "
                + at.getFullName()
                + " has no field '"
                + names[i]
                + "'. Its fields: "
                + names(at)
                + ".");
      }
      if (field.isRepeated()) {
        throw new ContractException(
            message.getFullName()
                + ": "
                + role
                + " is '"
                + path
                + "', but '"
                + names[i]
                + "' is repeated; it must have one value.");
      }
      if (i == names.length - 1) {
        return new FieldPath(parents, field);
      }
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        throw new ContractException(
            message.getFullName()
                + ": "
                + role
                + " is '"
                + path
                + "', but '"
                + names[i]
                + "' is no message: it has no fields of its own.");
      }
      parents.add(field);
      at = field.getMessageType();
    }
  }

  private static String names(Descriptor message) {
    return String.join(", ", message.getFields().stream().map(FieldDescriptor::getName).toList());
  }

  FieldDescriptor leaf() {
    return leaf;
  }

  /** The field's value or default; null if it, or a message around it, can be unset and is. */
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
