package io.hermes.kafkaui;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.UninitializedMessageException;
import com.google.protobuf.util.JsonFormat;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.schema.SchemaSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Creates events from the JSON that a user has entered in kafka-ui. Invalid input raises an
 * IllegalArgumentException, whose message kafka-ui shows. Safe for any thread.
 */
final class EventParser {

  /** Names the type of an event on a topic that carries several. */
  static final String TYPE_MEMBER = "@type";

  private final JsonFormat.Parser parser;

  EventParser(List<SchemaSet> schemas) {
    TypeRegistry.Builder types = TypeRegistry.newBuilder();
    schemas.forEach(set -> types.add(set.events()));
    this.parser = JsonFormat.parser().usingTypeRegistry(types.build());
  }

  /**
   * The event.
   *
   * @param events the types that the topic carries
   * @param messageType the type in the record's message-type header, if present
   */
  DynamicMessage parse(
      String topic, List<Descriptor> events, @Nullable String messageType, String input) {
    JsonObject json = object(input);
    refuseHidden("", json);
    Descriptor type = type(topic, events, messageType, json.remove(TYPE_MEMBER));
    DynamicMessage.Builder event = DynamicMessage.newBuilder(type);
    try {
      parser.merge(json.toString(), event);
      return read(type, event.build());
    } catch (InvalidProtocolBufferException | UninitializedMessageException e) {
      throw new IllegalArgumentException(
          "The value is not a %s: %s".formatted(type.getFullName(), e.getMessage()), e);
    }
  }

  /** Parses the event like a consumer, which rejects events that are nested too deeply. */
  private static DynamicMessage read(Descriptor type, DynamicMessage event)
      throws InvalidProtocolBufferException {
    return DynamicMessage.parseFrom(
        type, event.toByteString(), ExtensionRegistry.getEmptyRegistry());
  }

  private static JsonObject object(String input) {
    JsonElement json;
    try {
      json = JsonParser.parseString(input);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("The value is not JSON: " + e.getMessage(), e);
    }
    if (!json.isJsonObject()) {
      throw new IllegalArgumentException(
          "The value is not a JSON object. Enter the event's fields as {\"name\": value, ...}.");
    }
    return json.getAsJsonObject();
  }

  private static Descriptor type(
      String topic,
      List<Descriptor> events,
      @Nullable String messageType,
      @Nullable JsonElement member) {
    String name = messageType;
    if (member != null) {
      String named = member.isJsonPrimitive() ? member.getAsString() : member.toString();
      if (name != null && !name.equals(named)) {
        throw new IllegalArgumentException(
            "The header message-type is \"%s\", but %s is \"%s\". Remove one of them."
                .formatted(name, TYPE_MEMBER, named));
      }
      name = named;
    }
    if (name == null && events.size() == 1) {
      return events.get(0);
    }
    String wanted = name;
    return events.stream()
        .filter(event -> event.getFullName().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s. Set %s in the value, or the header message-type, to one of: %s."
                        .formatted(
                            wanted == null
                                ? "Topic %s carries several event types".formatted(topic)
                                : "%s is not an event of topic %s".formatted(wanted, topic),
                            TYPE_MEMBER,
                            String.join(
                                ", ", events.stream().map(Descriptor::getFullName).toList()))));
  }

  /**
   * Rejects the placeholder of a hidden value, which must not be published as the field's value.
   */
  private static void refuseHidden(String path, JsonElement json) {
    if (json.isJsonObject()) {
      for (Map.Entry<String, JsonElement> member : json.getAsJsonObject().entrySet()) {
        refuseHidden(
            path.isEmpty() ? member.getKey() : path + "." + member.getKey(), member.getValue());
      }
    } else if (json.isJsonArray()) {
      json.getAsJsonArray().forEach(element -> refuseHidden(path, element));
    } else if (json.isJsonPrimitive() && json.getAsString().startsWith(EventJson.REDACTED)) {
      throw new IllegalArgumentException(
          "%s is %s, which the plugin shows in place of a hidden value. Enter its value, or leave the field out."
              .formatted(path, EventJson.REDACTED));
    }
  }
}
