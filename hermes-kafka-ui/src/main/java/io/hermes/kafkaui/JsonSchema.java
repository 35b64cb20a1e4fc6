package io.hermes.kafkaui;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.List;

/**
 * The JSON Schema of a topic's events. kafka-ui generates the sample under "Produce Message" from
 * it, and validates the input there with it. The schema is written so that the plugin accepts the
 * sample; the parser checks whatever the schema leaves open. For one thread.
 */
final class JsonSchema {

  private static final String STRING = "string";
  private static final String TYPE = "type";

  private final JsonObject definitions = new JsonObject();

  private JsonSchema() {}

  /**
   * The schema of a single event type; for several types, with the member "@type" that names one.
   */
  static String of(List<Descriptor> events) {
    JsonSchema schema = new JsonSchema();
    JsonObject root;
    if (events.size() == 1) {
      root = schema.object(events.get(0));
    } else {
      root = new JsonObject();
      JsonArray types = new JsonArray();
      events.forEach(event -> types.add(schema.named(event)));
      root.add("anyOf", types);
    }
    JsonObject result = new JsonObject();
    result.addProperty("$schema", "http://json-schema.org/draft-07/schema#");
    root.entrySet().forEach(entry -> result.add(entry.getKey(), entry.getValue()));
    result.add("definitions", schema.definitions);
    return result.toString();
  }

  private JsonObject named(Descriptor event) {
    JsonObject schema = object(event);
    JsonObject type = new JsonObject();
    type.addProperty("const", event.getFullName());
    schema.getAsJsonObject("properties").add(EventParser.TYPE_MEMBER, type);
    JsonArray required = new JsonArray();
    required.add(EventParser.TYPE_MEMBER);
    schema.add("required", required);
    return schema;
  }

  private JsonObject object(Descriptor message) {
    JsonObject properties = new JsonObject();
    for (FieldDescriptor field : message.getFields()) {
      // A sample has all properties, but an event has only one field of each oneof, so the schema
      // has the first.
      OneofDescriptor oneof = field.getRealContainingOneof();
      if (oneof == null || oneof.getField(0) == field) {
        properties.add(field.getJsonName(), field(field));
      }
    }
    JsonObject schema = type("object");
    schema.add("properties", properties);
    return schema;
  }

  private JsonElement field(FieldDescriptor field) {
    if (field.isMapField()) {
      JsonObject map = type("object");
      FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
      if (key.getJavaType() == FieldDescriptor.JavaType.STRING) {
        map.add("additionalProperties", single(field.getMessageType().findFieldByNumber(2)));
      }
      return map;
    }
    if (field.isRepeated()) {
      JsonObject array = type("array");
      array.add("items", single(field));
      return array;
    }
    return single(field);
  }

  private JsonElement single(FieldDescriptor field) {
    return switch (field.getType()) {
      case BOOL -> type("boolean");
      case FLOAT, DOUBLE -> type("number");
      case INT32, SINT32, SFIXED32 -> integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT32, FIXED32 -> integer(0, 0xffff_ffffL);
      // At most 19 digits; samples rarely have that many, which could exceed the range.
      case INT64, SINT64, SFIXED64 -> integerText("^-?[0-9]{1,18}[0-9]?$");
      case UINT64, FIXED64 -> integerText("^[0-9]{1,17}[0-9]{0,3}$");
      case STRING -> type(STRING);
      case BYTES ->
          text("^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$");
      case ENUM -> enumNames(field.getEnumType().getValues());
      case MESSAGE, GROUP -> message(field.getMessageType());
    };
  }

  private JsonElement message(Descriptor message) {
    return switch (message.getFullName()) {
      case "google.protobuf.Timestamp" -> {
        JsonObject timestamp = type(STRING);
        timestamp.addProperty("format", "date-time");
        yield timestamp;
      }
      case "google.protobuf.Duration" -> text("^-?[0-2]?[0-9]{1,11}(\\.[0-9]{1,9})?s$");
      case "google.protobuf.FieldMask" -> type(STRING);
      case "google.protobuf.ListValue" -> type("array");
      case "google.protobuf.Value" -> new JsonObject();
      case "google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Empty" ->
          type("object");
      case "google.protobuf.DoubleValue",
          "google.protobuf.FloatValue",
          "google.protobuf.Int64Value",
          "google.protobuf.UInt64Value",
          "google.protobuf.Int32Value",
          "google.protobuf.UInt32Value",
          "google.protobuf.BoolValue",
          "google.protobuf.StringValue",
          "google.protobuf.BytesValue" ->
          single(message.findFieldByNumber(1));
      default -> reference(message);
    };
  }

  private JsonElement reference(Descriptor message) {
    if (!definitions.has(message.getFullName())) {
      // Registered before it is built, because a message may contain itself.
      definitions.add(message.getFullName(), new JsonObject());
      definitions.add(message.getFullName(), object(message));
    }
    JsonObject reference = new JsonObject();
    reference.addProperty("$ref", "#/definitions/" + message.getFullName());
    return reference;
  }

  private static JsonElement enumNames(List<EnumValueDescriptor> values) {
    if (values.get(0).getType().getFullName().equals("google.protobuf.NullValue")) {
      return type("null");
    }
    JsonArray names = new JsonArray();
    values.forEach(value -> names.add(value.getName()));
    JsonObject schema = new JsonObject();
    schema.add("enum", names);
    return schema;
  }

  private static JsonObject integer(long min, long max) {
    JsonObject schema = type("integer");
    schema.addProperty("minimum", min);
    schema.addProperty("maximum", max);
    return schema;
  }

  /** A 64-bit number is shown as text, and accepted as text or as a number. */
  private static JsonObject integerText(String pattern) {
    JsonArray types = new JsonArray();
    types.add(STRING);
    types.add("integer");
    JsonObject schema = new JsonObject();
    schema.add(TYPE, types);
    schema.addProperty("pattern", pattern);
    return schema;
  }

  private static JsonObject text(String pattern) {
    JsonObject schema = type(STRING);
    schema.addProperty("pattern", pattern);
    return schema;
  }

  private static JsonObject type(String type) {
    JsonObject schema = new JsonObject();
    schema.addProperty(TYPE, type);
    return schema;
  }
}
