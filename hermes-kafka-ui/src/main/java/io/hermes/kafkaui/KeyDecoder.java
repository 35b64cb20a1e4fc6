package io.hermes.kafkaui;

import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.contract.json.EventJson;
import io.kafbat.ui.serde.api.DeserializeResult;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows a record's key: text as it is, anything else as hex, nothing if the key field is hidden.
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
          Hex.of(key), DeserializeResult.Type.STRING, Map.of("encoding", "hex, as it is no text"));
    }
  }
}
