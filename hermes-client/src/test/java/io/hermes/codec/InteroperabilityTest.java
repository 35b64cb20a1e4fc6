package io.hermes.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.events.v1.UserEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames to and from the {@code zstd} command, the reference of the format. Debian: zstd. */
@Tag("full")
@Timeout(60)
class InteroperabilityTest {

  private static final List<UserEvent> EVENTS =
      List.of(Events.large(1, 600), Events.large(2, 5_000), Events.large(3, 3 << 20));

  private final Path directory;
  private final Path plain;
  private final Path frame;

  InteroperabilityTest(@TempDir Path directory) {
    this.directory = directory;
    this.plain = directory.resolve("event");
    this.frame = directory.resolve("event.zst");
  }

  @Test
  void theCommandReadsWhatTheSerializerWrites() throws Exception {
    try (var serializer = serializer(ZstdOptions.defaults())) {
      for (UserEvent event : EVENTS) {
        Files.write(frame, Frames.write(serializer, event));
        zstd("-d", "-f", frame.toString(), "-o", plain.toString());
        assertThat(Files.readAllBytes(plain)).isEqualTo(event.toByteArray());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-19",
        "--ultra -22",
        "--fast=5",
        "--no-check",
        "--no-content-size",
        "-22 --ultra --long=27"
      })
  void theDeserializerReadsWhatTheCommandWrites(String arguments) throws Exception {
    try (var deserializer = deserializer(ZstdOptions.defaults())) {
      for (UserEvent event : EVENTS) {
        Files.write(plain, event.toByteArray());
        List<String> command = new ArrayList<>(List.of(arguments.split(" ")));
        command.addAll(List.of("-f", plain.toString(), "-o", frame.toString()));
        zstd(command.toArray(new String[0]));
        assertThat(deserializer.deserialize("t", Frames.zstd(), Files.readAllBytes(frame)))
            .isEqualTo(event);
      }
    }
  }

  @Test
  void dictionariesAreTheSameOnBothSides() throws Exception {
    List<String> training = new ArrayList<>(List.of("--train", "--maxdict=8192", "--dictID=70000"));
    List<byte[]> samples = DictionaryTest.samples(0, 500);
    for (int i = 0; i < samples.size(); i++) {
      training.add(Files.write(directory.resolve("sample-" + i), samples.get(i)).toString());
    }
    Path theirs = directory.resolve("theirs.zdict");
    training.addAll(List.of("-o", theirs.toString()));
    zstd(training.toArray(new String[0]));
    Path ours = directory.resolve("ours.zdict");
    Files.write(ours, ZstdDictionary.train(samples, 8_192, 70_001).toBytes());
    for (Path file : List.of(theirs, ours)) {
      ZstdOptions options = ZstdOptions.builder().dictionaries(ZstdDictionary.load(file)).build();
      UserEvent event = Events.small(10_000);
      try (var serializer = serializer(options);
          var deserializer = deserializer(options)) {
        Files.write(frame, Frames.write(serializer, event));
        zstd("-d", "-f", "-D", file.toString(), frame.toString(), "-o", plain.toString());
        assertThat(Files.readAllBytes(plain)).isEqualTo(event.toByteArray());
        zstd("-f", "-D", file.toString(), plain.toString(), "-o", frame.toString());
        assertThat(Files.size(frame)).isLessThan(Files.size(plain));
        assertThat(deserializer.deserialize("t", Frames.zstd(), Files.readAllBytes(frame)))
            .isEqualTo(event);
      }
    }
  }

  private static void zstd(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("zstd", "-q"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }

  private static ZstdProtobufSerializer<UserEvent> serializer(ZstdOptions options) {
    return new ZstdProtobufSerializer<>(Encoding.ZSTD, options);
  }

  private static ZstdProtobufDeserializer<UserEvent> deserializer(ZstdOptions options) {
    return new ZstdProtobufDeserializer<>(UserEvent.parser(), options);
  }
}
