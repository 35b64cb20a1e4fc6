package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.hermes.Encoding;
import io.hermes.UndecodableEventException;
import io.hermes.testing.v1.Sample;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

/** Serializers write nothing that the deserializers here refuse. */
class ReadabilityTest {

  private static final List<Serializer<Message>> SERIALIZERS =
      List.of(
          new ZstdProtobufSerializer<>(Encoding.PLAIN, ZstdOptions.defaults()),
          new ZstdProtobufSerializer<>(Encoding.ZSTD, ZstdOptions.defaults()));

  @Test
  void noSerializerWritesWhatNoReaderCouldDecode() throws Exception {
    for (Message event : Unreadable.all()) {
      for (Serializer<Message> serializer : SERIALIZERS) {
        assertThatThrownBy(() -> serializer.serialize("t", new RecordHeaders(), event))
            .isInstanceOf(SerializationException.class)
            .hasMessageStartingWith(
                "No reader could decode this " + event.getDescriptorForType().getFullName() + ": ");
        assertThatThrownBy(() -> serializer.serialize("t", event))
            .isInstanceOf(SerializationException.class);
      }
    }
  }

  @Test
  void missingFieldsAndLevelsAreNamed() {
    Serializer<Message> serializer = SERIALIZERS.get(0);
    assertThatThrownBy(() -> serializer.serialize("t", Unreadable.withoutRequiredField()))
        .hasMessageContaining("it lacks the required fields name[0].is_extension");
    assertThatThrownBy(() -> serializer.serialize("t", Unreadable.nested(101)))
        .hasMessageContaining("nested more than 100 levels deep");
  }

  @Test
  void whatReadersTakeIsWritten() {
    ZstdProtobufDeserializer<Sample> deserializer =
        new ZstdProtobufDeserializer<>(Sample.parser(), ZstdOptions.defaults());
    for (Serializer<Message> serializer : SERIALIZERS) {
      for (int levels : new int[] {1, 50, 99, 100}) {
        Sample event = Unreadable.nested(levels);
        assertThat(deserializer.deserialize("t", serializer.serialize("t", event)))
            .isEqualTo(event);
      }
      Value value = Value.newBuilder().setStringValue("x".repeat(1_000)).build();
      assertThat(serializer.serialize("t", Struct.newBuilder().putFields("field", value).build()))
          .isNotEmpty();
      assertThat(serializer.serialize("t", Unreadable.withForeignGroups(99))).isNotEmpty();
      assertThatCode(() -> serializer.serialize("t", MessageOptions.getDefaultInstance()))
          .doesNotThrowAnyException();
    }
    assertThatThrownBy(() -> deserializer.deserialize("t", Unreadable.nested(101).toByteArray()))
        .isInstanceOf(UndecodableEventException.class);
  }
}
