package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.events.v1.UserEvent;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 600, 4_000, 65_000, 66_000, 131_072, 300_000, 1_500_000})
  void whatIsWrittenInAnyEncodingIsRead(int bytes) {
    UserEvent event = Events.large(7, bytes);
    for (Encoding encoding : Encoding.values()) {
      try (var serializer =
              new ZstdProtobufSerializer<UserEvent>(encoding, ZstdOptions.defaults());
          var deserializer =
              new ZstdProtobufDeserializer<>(UserEvent.parser(), ZstdOptions.defaults())) {
        for (int i = 0; i < 3; i++) {
          Headers headers = new RecordHeaders();
          byte[] value = serializer.serialize("t", headers, event);
          assertThat(deserializer.deserialize("t", headers, value)).isEqualTo(event);
        }
      }
    }
  }
}
