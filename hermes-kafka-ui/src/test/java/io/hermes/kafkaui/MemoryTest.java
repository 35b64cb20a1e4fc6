package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small records that are large events, in a JVM with little memory. */
class MemoryTest {

  /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}. */
  private static final int OUT_OF_MEMORY = 3;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void twoSlowReadersOfLargeEventsDoNotExhaustKafkaUi() throws Exception {
    Result result = slowReaders();

    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output())
        .startsWith("200 events shown as {\"undecodable\":")
        .contains("more than 1048576 characters as JSON", "It has 104857")
        .hasSizeLessThan(4000);
  }

  @Test
  void theSameReadersRunOutOfMemoryIfAllIsShown() throws Exception {
    assertThat(slowReaders(Integer.toString(32 << 20)).exitCode()).isEqualTo(OUT_OF_MEMORY);
  }

  private Result slowReaders(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:MaxDirectMemorySize=16m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path", ""),
                SlowReaders.class.getName()));
    command.addAll(List.of(arguments));
    Path output = dir.resolve("output");
    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    return new Result(child.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  private record Result(int exitCode, String output) {}
}
