package io.hermes.examples.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as protobuf's own JSON, with 64-bit integers as text, and fields that are marked {@code
 * debug_redact} hidden. Immutable.
 */
final class EventJson {

  static final String HIDDEN = "[REDACTED]";

  private static final String FIELD_OF_MAPS = "value";

  private final TypeRegistry types;
  private final JsonFormat.Printer printer;
  private final boolean reveal;

  /**
   * A translation.
   *
   * @param types the messages that an {@code Any} may have inside
   * @param reveal shows the fields that are to be hidden
   */
  EventJson(TypeRegistry types, boolean reveal) {
    this.types = types;
    this.printer = JsonFormat.printer().usingTypeRegistry(types).omittingInsignificantWhitespace();
    this.reveal = reveal;
  }

  /**
   * An event's JSON.
   *
   * @throws InvalidProtocolBufferException if it has an {@code Any} of an unknown type
   */
  JsonObject of(Message event) throws InvalidProtocolBufferException {
    JsonObject json = JsonParser.parseString(printer.print(event)).getAsJsonObject();
    if (!reveal) {
      hide(json, event.getDescriptorForType());
    }
    return json;
  }

  private void hide(@Nullable JsonElement value, Descriptor type) {
    if (value == null || !value.isJsonObject()) {
      return; // well-known types such as Timestamp are text
    }
    JsonObject json = value.getAsJsonObject();
    if (type.getFullName().equals("google.protobuf.Any")) {
      hideInAny(json);
    } else if (!type.getFullName().startsWith("google.protobuf.")) {
      type.getFields().forEach(field -> hide(json, field));
    }
  }

  private void hideInAny(JsonObject json) {
    JsonElement url = json.get("@type");
    try {
      Descriptor inside = url == null ? null : types.getDescriptorForTypeUrl(url.getAsString());
      if (inside != null) {
        hide(json, inside);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e); // the printer has just read the same
    }
  }

  private void hide(JsonObject json, FieldDescriptor field) {
    JsonElement value = json.get(field.getJsonName());
    if (value == null) {
      return;
    }
    if (field.getOptions().getDebugRedact()) {
      json.addProperty(field.getJsonName(), HIDDEN);
    } else if (field.isMapField()) {
      FieldDescriptor values = field.getMessageType().findFieldByName(FIELD_OF_MAPS);
      if (values.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        for (Map.Entry<String, JsonElement> entry : value.getAsJsonObject().entrySet()) {
          hide(entry.getValue(), values.getMessageType());
        }
      }
    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      if (field.isRepeated()) {
        value.getAsJsonArray().forEach(element -> hide(element, field.getMessageType()));
      } else {
        hide(value, field.getMessageType());
      }
    }
  }
}
