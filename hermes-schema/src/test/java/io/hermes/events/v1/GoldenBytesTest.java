package io.hermes.events.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our bytes against those of protoc's own encoder, see src/test/README.md. */
class GoldenBytesTest {

  static Set<String> names() {
    return Samples.all().keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void ourBytesEqualThoseOfProtoc(String name) throws IOException {
    assertThat(encode(sample(name))).isEqualTo(golden(name));
  }

  @ParameterizedTest
  @MethodSource("names")
  void theBytesOfProtocParseToTheSameEvent(String name) throws IOException {
    Message parsed = sample(name).getParserForType().parseFrom(golden(name));

    assertThat(parsed).isEqualTo(sample(name));
    assertThat(parsed.getUnknownFields().asMap()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("names")
  void theTextThatProtocReadSaysTheSame(String name) throws IOException {
    String text =
        new String(Resources.bytes("golden/" + name + ".textproto"), StandardCharsets.UTF_8);

    assertThat(TextFormat.parse(text, sample(name).getClass())).isEqualTo(sample(name));
  }

  /** With the entries of maps in the order of their keys, as protoc writes them when asked to. */
  static byte[] encode(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    message.writeTo(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static Message sample(String name) {
    Message sample = Samples.all().get(name);
    assertThat(sample).as(name).isNotNull();
    return sample;
  }

  private static byte[] golden(String name) {
    return Resources.bytes("golden/" + name + ".binpb");
  }
}
