package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReaderRulesTest {

  private static final UserEvent EVENT = Events.small(1);
  private static final byte[] PLAIN = EVENT.toByteArray();

  /** Field 5 is 6069, field 31 has 32 bits: a plain message that starts as a frame does. */
  private static final byte[] MAGIC_IN_PLAIN = Frames.hex("28 B5 2F FD 01 04 03 02 01");

  private final ZstdProtobufDeserializer<UserEvent> deserializer =
      new ZstdProtobufDeserializer<>(UserEvent.parser(), ZstdOptions.defaults());

  @AfterEach
  void close() {
    deserializer.close();
  }

  @Test
  void nullIsATombstone() {
    assertThat(deserializer.deserialize("t", Frames.zstd(), (byte[]) null)).isNull();
    assertThat(deserializer.deserialize("t", Frames.none(), (ByteBuffer) null)).isNull();
    assertThat(deserializer.deserialize("t", (byte[]) null)).isNull();
  }

  @Test
  void emptyIsTheDefaultInstanceWhateverTheHeaderSays() {
    for (var headers : Arrays.asList(Frames.none(), Frames.zstd(), Frames.encodings("gzip"))) {
      assertThat(deserializer.deserialize("t", headers, new byte[0]))
          .isEqualTo(UserEvent.getDefaultInstance());
    }
    assertThat(deserializer.deserialize("t", new byte[0]))
        .isEqualTo(UserEvent.getDefaultInstance());
  }

  @ParameterizedTest
  @CsvSource({
    "0,Confluent",
    "0,Apicurio",
    "1,Confluent",
    "3,Glue",
    "2,not a protobuf",
    "7,not a protobuf"
  })
  void foreignFramingIsNamed(byte first, String name) {
    byte[] framed = Frames.concat(new byte[] {first, 0, 0, 0, 9}, PLAIN);
    for (var headers : Arrays.asList(Frames.none(), Frames.zstd(), null)) {
      assertThatThrownBy(() -> deserializer.deserialize("t", headers, framed))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void aFrameNeedsTheHeader() {
    assertThatThrownBy(() -> deserializer.deserialize("t", Frames.none(), Frames.sized(PLAIN)))
        .isInstanceOf(UndecodableEventException.class)
        .hasMessageContaining("hermes.events.v1.UserEvent");
  }

  @Test
  void aHeaderWithoutAFrameIsStale() {
    assertThat(deserializer.deserialize("t", Frames.zstd(), PLAIN)).isEqualTo(EVENT);
    UserEvent tiny = UserEvent.newBuilder().setTimestamp(1).build();
    assertThat(deserializer.deserialize("t", Frames.zstd(), tiny.toByteArray())).isEqualTo(tiny);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "ZSTD", " Zstd\t"})
  void theLastHeaderCountsInAnyCaseAndWithSpaces(String last) {
    byte[] frame = Frames.sized(PLAIN);
    assertThat(deserializer.deserialize("t", Frames.encodings("gzip", last), frame))
        .isEqualTo(EVENT);
    assertThatThrownBy(() -> deserializer.deserialize("t", Frames.encodings(last, "gzip"), frame))
        .isInstanceOf(UndecodableEventException.class);
  }

  @Test
  void anotherEncodingIsNamed() {
    assertThatThrownBy(() -> deserializer.deserialize("t", Frames.encodings("br"), PLAIN))
        .isInstanceOf(UndecodableEventException.class)
        .hasMessageContaining("'br'");
  }

  @Test
  void withoutHeadersAFrameIsFoundByItsMagic() {
    assertThat(deserializer.deserialize("t", Frames.sized(PLAIN))).isEqualTo(EVENT);
    assertThat(deserializer.deserialize("t", PLAIN)).isEqualTo(EVENT);
  }

  @Test
  void aPlainMessageThatStartsAsAFrameIsPlainUnlessItsHeaderSaysOtherwise() throws Exception {
    Descriptor type = ambiguousType();
    try (var ambiguous =
        new ZstdProtobufDeserializer<DynamicMessage>(
            DynamicMessage.getDefaultInstance(type).getParserForType(), ZstdOptions.defaults())) {
      for (var headers : Arrays.asList(Frames.none(), null)) {
        DynamicMessage message =
            Objects.requireNonNull(ambiguous.deserialize("t", headers, MAGIC_IN_PLAIN));
        assertThat(message.getField(type.findFieldByNumber(5))).isEqualTo(6069L);
        assertThat(message.getField(type.findFieldByNumber(31))).isEqualTo(0x01020304);
      }
      assertThat(ambiguous.deserialize("t", MAGIC_IN_PLAIN)).isNotNull();
      assertThatThrownBy(() -> ambiguous.deserialize("t", Frames.zstd(), MAGIC_IN_PLAIN))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("ZSTD frame is corrupt");
      byte[] frame = Frames.sized(MAGIC_IN_PLAIN);
      assertThat(ambiguous.deserialize("t", Frames.zstd(), frame))
          .isEqualTo(ambiguous.deserialize("t", Frames.none(), MAGIC_IN_PLAIN));
    }
  }

  @Test
  void aBufferIsReadWhereItIsAndNotKept() {
    byte[] frame = Frames.sized(PLAIN);
    for (byte[] value : new byte[][] {PLAIN, frame}) {
      var headers = value == frame ? Frames.zstd() : Frames.none();
      byte[] surrounded = Frames.concat(new byte[] {1, 2, 3}, value, new byte[] {4, 5});
      ByteBuffer direct = ByteBuffer.allocateDirect(surrounded.length).put(surrounded);
      for (ByteBuffer buffer :
          Arrays.asList(
              ByteBuffer.wrap(surrounded),
              ByteBuffer.wrap(surrounded).asReadOnlyBuffer(),
              ByteBuffer.wrap(Frames.concat(new byte[9], surrounded)).position(9).slice(),
              direct)) {
        buffer.position(3).limit(3 + value.length);
        UserEvent event = deserializer.deserialize("t", headers, buffer);
        assertThat(buffer.position()).isEqualTo(3);
        assertThat(buffer.limit()).isEqualTo(3 + value.length);
        if (!buffer.isReadOnly()) {
          ByteBuffer all = buffer.duplicate().clear();
          byte[] before = new byte[all.remaining()];
          all.get(before);
          all.clear().put(new byte[all.capacity()]);
          assertThat(event).isEqualTo(EVENT);
          all.clear().put(before);
        }
        assertThat(event).isEqualTo(EVENT);
      }
    }
  }

  @Test
  void anErrorNeverShowsTheEvent() {
    byte[] broken = Arrays.copyOf(PLAIN, PLAIN.length - 1);
    for (var headers : Arrays.asList(Frames.none(), Frames.zstd())) {
      assertThatThrownBy(
              () ->
                  deserializer.deserialize(
                      "t", headers, headers.iterator().hasNext() ? Frames.sized(broken) : broken))
          .isInstanceOf(UndecodableEventException.class)
          .hasStackTraceContaining("UserEvent")
          .satisfies(e -> assertThat(e.toString()).doesNotContain("user-").doesNotContain("@"));
    }
  }

  private static Descriptor ambiguousType() throws DescriptorValidationException {
    DescriptorProto message =
        DescriptorProto.newBuilder()
            .setName("Ambiguous")
            .addField(field("number", 5, FieldDescriptorProto.Type.TYPE_INT64))
            .addField(field("bits", 31, FieldDescriptorProto.Type.TYPE_FIXED32))
            .build();
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("ambiguous.proto")
            .setSyntax("proto3")
            .addMessageType(message)
            .build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0]).getMessageTypes().get(0);
  }

  private static FieldDescriptorProto field(
      String name, int number, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(Label.LABEL_OPTIONAL)
        .build();
  }
}
