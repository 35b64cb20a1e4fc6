package io.hermes.events.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protoc of the operating system reads what we write and the other way round, with nothing but
 * the descriptor set of the jar. Where there is no protoc the tests fail.
 */
@Tag("full")
class DebianProtocTest {

  @TempDir private Path dir;

  static Set<String> names() {
    return Samples.all().keySet();
  }

  @BeforeEach
  void takeTheDescriptorSet() throws IOException {
    Files.write(dir.resolve("schema.binpb"), Resources.bytes(Resources.DESCRIPTOR_SET));
  }

  @ParameterizedTest
  @MethodSource("names")
  void protocDecodesOurBytes(String name) throws Exception {
    Message sample = Samples.all().get(name);

    byte[] text = protoc("decode", sample, sample.toByteArray());

    assertThat(TextFormat.parse(new String(text, UTF_8), sample.getClass())).isEqualTo(sample);
  }

  @ParameterizedTest
  @MethodSource("names")
  void weDecodeWhatProtocEncodes(String name) throws Exception {
    Message sample = Samples.all().get(name);

    byte[] bytes = protoc("encode", sample, sample.toString().getBytes(UTF_8));

    assertThat(sample.getParserForType().parseFrom(bytes)).isEqualTo(sample);
  }

  private byte[] protoc(String verb, Message message, byte[] input)
      throws IOException, InterruptedException {
    Path in = Files.write(dir.resolve("in"), input);
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    Process protoc =
        new ProcessBuilder(
                List.of(
                    "protoc",
                    "--descriptor_set_in=" + dir.resolve("schema.binpb"),
                    "--" + verb + "=" + message.getDescriptorForType().getFullName(),
                    message.getDescriptorForType().getFile().getName()))
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean exited = protoc.waitFor(30, TimeUnit.SECONDS);
    protoc.destroyForcibly();
    assertThat(exited).as("protoc ends within 30 s").isTrue();
    assertThat(protoc.exitValue()).as(Files.readString(err)).isZero();
    return Files.readAllBytes(out);
  }
}
