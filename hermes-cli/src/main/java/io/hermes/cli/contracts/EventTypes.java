package io.hermes.cli.contracts;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.Topic;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Misspelling;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The event types that contracts define. Stateless. */
public final class EventTypes {

  private static final int MOST_NAMED = 12;

  private EventTypes() {}

  /**
   * Warns about a type that no contract defines, since the wait for its events would look like a
   * quiet topic. It is not an error: a newer producer may know more types.
   *
   * @param type the value of {@code --type}; null if there is none
   * @param contracts the contracts of the topics to read
   */
  public static void warnIfUnknown(
      Console console, @Nullable String type, List<Topic<DynamicMessage>> contracts) {
    if (type == null) {
      return;
    }
    Set<String> known = new TreeSet<>();
    for (Topic<DynamicMessage> contract : contracts) {
      FieldDescriptor field = typeField(contract);
      if (field == null) {
        known.add(contract.descriptor().getName());
      } else if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
        field.getEnumType().getValues().stream()
            .map(EnumValueDescriptor::getName)
            .forEach(known::add);
      } else {
        return; // any text is a type
      }
    }
    if (!known.contains(type)) {
      console.say(
          "No contract of these topics defines the type "
              + type
              + "."
              + Misspelling.hint(type, known)
              + (known.size() > MOST_NAMED
                  ? " See ./hermes schema show with the topic."
                  : " Types: " + String.join(", ", known) + "."));
    }
  }

  private static @Nullable FieldDescriptor typeField(Topic<DynamicMessage> contract) {
    String path = contract.contract().getTypeField();
    Descriptor message = contract.descriptor();
    FieldDescriptor field = null;
    for (String name : path.isEmpty() ? List.<String>of() : List.of(path.split("\\."))) {
      field = (field == null ? message : field.getMessageType()).findFieldByName(name);
    }
    return field;
  }
}
