package io.hermes.cli.contracts;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import io.hermes.Topic;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Table;
import io.hermes.contract.schema.ContractProblems;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/** Prints messages and enums as tables of their fields and values, each type once. */
final class SchemaTypes {

  private final Console console;
  private final Set<String> printed = new LinkedHashSet<>();
  private final Deque<Object> inside =
      new ArrayDeque<>(); // types of fields that are still to be printed

  SchemaTypes(Console console) {
    this.console = console;
  }

  /** Prints an event's fields, without their types. */
  void print(Topic<?> contract) {
    printed.add(contract.messageType());
    fields(contract.descriptor(), contract);
  }

  /** Prints the types of all fields so far, and the types nested in them. */
  void printInside() {
    while (!inside.isEmpty()) {
      Object type = inside.remove();
      if (type instanceof Descriptor message && printed.add(message.getFullName())) {
        title("message " + message.getFullName(), new Comments(message.getFile()).of(message));
        fields(message, null);
      } else if (type instanceof EnumDescriptor values && printed.add(values.getFullName())) {
        values(values);
      }
    }
  }

  /** A message's fields, for scripts. */
  static JsonArray json(Descriptor message) {
    Comments comments = new Comments(message.getFile());
    JsonArray fields = new JsonArray();
    for (FieldDescriptor field : message.getFields()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", field.getName());
      json.addProperty("number", field.getNumber());
      json.addProperty("type", type(field));
      json.addProperty("redacted", field.getOptions().getDebugRedact());
      json.addProperty("deprecated", field.getOptions().getDeprecated());
      json.addProperty("comment", comments.of(field));
      OneofDescriptor oneof = field.getRealContainingOneof();
      json.addProperty("oneof", oneof == null ? null : oneof.getName());
      fields.add(json);
    }
    return fields;
  }

  /** The types of an event's fields, and the types nested in them, for scripts. */
  static JsonArray types(Descriptor event) {
    Map<String, JsonObject> types = new LinkedHashMap<>();
    collect(event, types);
    types.remove(event.getFullName());
    JsonArray array = new JsonArray();
    types.values().forEach(array::add);
    return array;
  }

  private static void collect(Descriptor message, Map<String, JsonObject> types) {
    for (FieldDescriptor field : message.getFields()) {
      Object type = typeInside(field);
      JsonObject json = new JsonObject();
      if (type instanceof Descriptor nested
          && types.putIfAbsent(nested.getFullName(), json) == null) {
        json.addProperty("message", nested.getFullName());
        json.add("fields", json(nested));
        json.addProperty("comment", new Comments(nested.getFile()).of(nested));
        collect(nested, types);
      } else if (type instanceof EnumDescriptor values
          && types.putIfAbsent(values.getFullName(), json) == null) {
        json.addProperty("enum", values.getFullName());
        json.add("values", valuesJson(values));
        json.addProperty("comment", new Comments(values.getFile()).of(values));
      }
    }
  }

  private static JsonArray valuesJson(EnumDescriptor type) {
    Comments comments = new Comments(type.getFile());
    JsonArray values = new JsonArray();
    for (EnumValueDescriptor value : type.getValues()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", value.getName());
      json.addProperty("number", value.getNumber());
      json.addProperty("comment", comments.of(value));
      values.add(json);
    }
    return values;
  }

  private void title(String title, String comment) {
    console.out().println();
    console.out().println(console.style(Style.bold, title));
    if (!comment.isEmpty()) {
      console.out().println(comment);
    }
  }

  private void fields(Descriptor message, @Nullable Topic<?> contract) {
    Comments comments = new Comments(message.getFile());
    Table table = new Table(" NUMBER", "FIELD", "TYPE", "MARKS", "COMMENT");
    for (FieldDescriptor field : message.getFields()) {
      table.add(
          Integer.toString(field.getNumber()),
          field.getName(),
          type(field),
          marks(field, contract),
          comments.of(field));
      remember(field);
    }
    table.print(console);
  }

  private void values(EnumDescriptor type) {
    Comments comments = new Comments(type.getFile());
    title("enum " + type.getFullName(), comments.of(type));
    Table table = new Table(" NUMBER", "VALUE", "COMMENT");
    type.getValues()
        .forEach(
            value ->
                table.add(
                    Integer.toString(value.getNumber()), value.getName(), comments.of(value)));
    table.print(console);
  }

  private void remember(FieldDescriptor field) {
    Object type = typeInside(field);
    if (type != null) {
      inside.add(type);
    }
  }

  /** A field's message or enum; null for any other type, or a well-known type. */
  private static @Nullable Object typeInside(FieldDescriptor field) {
    if (field.isMapField()) {
      return typeInside(field.getMessageType().findFieldByNumber(2));
    }
    return switch (field.getJavaType()) {
      case ENUM -> field.getEnumType();
      case MESSAGE ->
          field.getMessageType().getFullName().startsWith("google.protobuf.")
              ? null
              : field.getMessageType();
      default -> null;
    };
  }

  /** The type's name as in the source, without the package if it is the same. */
  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<"
          + name(entry.findFieldByNumber(1), field.getFile())
          + ", "
          + name(entry.findFieldByNumber(2), field.getFile())
          + ">";
    }
    String label = field.isRepeated() ? "repeated " : "";
    if (field.toProto().getProto3Optional()) {
      label = "optional ";
    }
    return label + name(field, field.getFile());
  }

  private static String name(FieldDescriptor field, FileDescriptor file) {
    return switch (field.getJavaType()) {
      case MESSAGE -> name(field.getMessageType().getFullName(), file);
      case ENUM -> name(field.getEnumType().getFullName(), file);
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String name(String fullName, FileDescriptor file) {
    String prefix = file.getPackage() + ".";
    return fullName.startsWith(prefix) ? fullName.substring(prefix.length()) : fullName;
  }

  private static String marks(FieldDescriptor field, @Nullable Topic<?> contract) {
    StringJoiner marks = new StringJoiner(", ");
    if (contract != null && contract.contract().getKeyField().equals(field.getName())) {
      marks.add("key");
    }
    if (contract != null && contract.contract().getTypeField().equals(field.getName())) {
      marks.add("type");
    }
    if (contract != null && isId(field, contract)) {
      marks.add("id");
    }
    if (field.getOptions().getDebugRedact()) {
      marks.add("redacted");
    }
    if (field.getOptions().getDeprecated()) {
      marks.add("deprecated");
    }
    OneofDescriptor oneof = field.getRealContainingOneof();
    if (oneof != null) {
      marks.add("oneof " + oneof.getName());
    }
    return marks.toString();
  }

  private static boolean isId(FieldDescriptor field, Topic<?> contract) {
    return ContractProblems.idField(contract.descriptor(), contract.contract())
        .filter(field.getName()::equals)
        .isPresent();
  }
}
