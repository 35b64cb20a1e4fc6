package io.hermes.kafkaui;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.hermes.contract.TopicContract;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.schema.SchemaSet;
import io.kafbat.ui.serde.api.DeserializeResult;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows a record's key: text unchanged, other bytes as hex, nothing if the key field is hidden.
 * Stateless.
 */
final class KeyDecoder {

  private KeyDecoder() {}

  static DeserializeResult decode(List<Descriptor> events, boolean reveal, byte @Nullable [] key) {
    if (key == null) {
      return new DeserializeResult(null, DeserializeResult.Type.STRING, Map.of());
    }
    if (!reveal && events.stream().anyMatch(EventJson::hidesKey)) {
      return new DeserializeResult(EventJson.REDACTED, DeserializeResult.Type.STRING, Map.of());
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
      return new DeserializeResult(text, DeserializeResult.Type.STRING, Map.of());
    } catch (CharacterCodingException e) {
      return new DeserializeResult(
          Hex.of(key),
          DeserializeResult.Type.STRING,
          Map.of("encoding", "hex, because it is not text"));
    }
  }

  /** Whether the key is the raw bytes of a field, rather than text. */
  static boolean keyIsBytes(Descriptor event) {
    Descriptor message = event;
    FieldDescriptor field = null;
    String path = SchemaSet.contract(event).map(TopicContract::getKeyField).orElse("");
    for (String name : path.split("\\.", -1)) {
      field = message == null ? null : message.findFieldByName(name);
      message =
          field != null && field.getJavaType() == JavaType.MESSAGE ? field.getMessageType() : null;
    }
    return field != null && field.getJavaType() == JavaType.BYTE_STRING;
  }
}
