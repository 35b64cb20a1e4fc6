package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Programs;
import io.hermes.testing.TestMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tests of the codec again, on what services may resolve in place of our versions: the oldest
 * that is supported, the newest, one between. The build copies the jars that differ from ours.
 */
@Tag("full")
class CodecVersionsTest {

  private static final List<String> ARTIFACTS =
      List.of("zstd-jni", "protobuf-java", "kafka-clients");

  @ParameterizedTest
  @ValueSource(strings = {"oldest", "between", "newest"})
  void theCodecWorksOn(String versions, @TempDir Path directory) throws Exception {
    List<Path> jars = jars(Path.of("target/codec", versions));
    List<String> classPath = new ArrayList<>();
    List<String> expected = new ArrayList<>(ARTIFACTS); // by VersionsTest
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path used = Path.of(entry);
      int artifact = artifact(used);
      if (artifact >= 0) {
        used = jars.stream().filter(jar -> artifact(jar) == artifact).findAny().orElse(used);
        expected.set(artifact, used.getFileName().toString());
      }
      classPath.add(used.toString());
    }
    assertThat(classPath).containsAll(jars.stream().map(Path::toString).toList());
    Path log = directory.resolve("log");
    List<String> command =
        TestMain.command(
            String.join(File.pathSeparator, classPath),
            List.of("-Dhermes.test.jars=" + String.join(" ", expected)),
            "broker",
            "package:io.hermes.codec");
    // Half a minute of work, beside fault runs.
    int exitCode = Programs.run(Duration.ofMinutes(10), Path.of("."), log, command);
    assertThat(exitCode).as(Files.readString(log)).isZero();
  }

  /** The index of the artifact that a jar belongs to, or -1. */
  private static int artifact(Path jar) {
    String name = jar.getFileName().toString();
    return ARTIFACTS.indexOf(name.replaceFirst("-[0-9][^/]*\\.jar$", ""));
  }

  private static List<Path> jars(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
