package io.hermes.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** zstd-jni unpacks its library into a directory, which a read-only container has to name. */
@Tag("full")
class NativeLibraryTest {

  @Test
  void onAReadOnlyRootTheDirectoryForTheLibraryIsNamed(@TempDir Path writable) throws Exception {
    String noTemporaryDirectory = "-Djava.io.tmpdir=" + writable.resolve("missing");
    assertThat(child(noTemporaryDirectory)).contains("Cannot unpack");
    assertThat(child(noTemporaryDirectory, "-DZstdTempFolder=" + writable)).isEqualTo("works");
    try (var left = Files.list(writable)) {
      assertThat(left).as("deleted at exit").isEmpty();
    }
  }

  private static String child(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    process.waitFor();
    return output;
  }

  /** The child. */
  static final class Main {

    public static void main(String[] args) {
      try (var serializer = new ZstdProtobufSerializer<>(Encoding.ZSTD, ZstdOptions.defaults())) {
        if (Frames.write(serializer, Events.large(1, 5_000)).length < 2_000) {
          System.out.println("works");
        }
      }
    }
  }
}
