package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ClassArchiveTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  @Test
  void theBrokersJarsComeFirstByNameAndNothingIsMissing() throws IOException {
    String server = Files.createFile(directory.resolve("kafka-server-4.jar")).toString();
    String clients = Files.createFile(directory.resolve("kafka-clients-4.jar")).toString();
    String other = Files.createFile(directory.resolve("a.jar")).toString();
    String classes = directory.toString();
    String gone = directory.resolve("kafka-gone.jar").toString();

    ClassArchive archive = ClassArchive.of(path(classes, other, gone, server, clients));

    assertThat(archive.classPath()).isEqualTo(path(clients, server, classes, other, gone));
    assertThat(archive.options()).isEmpty();
  }

  @Tag("slow")
  @Test
  void theThirdStartMakesAnArchiveThatLaterOnesUse() throws Exception {
    List<String> given = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path classes = Path.of(entry);
      given.add(Files.isDirectory(classes) ? jar(classes).toString() : entry);
    }
    ClassArchive archive = ClassArchive.of(String.join(File.pathSeparator, given));
    for (int start = 1; start <= 3; start++) {
      assertThat(archive.options()).isEmpty();
      archive.started().get(2, TimeUnit.MINUTES);
    }
    assertThat(archive.options()).isNotEmpty();
    List<String> command = new ArrayList<>(List.of(ChildJvm.java(), "-Xshare:on"));
    command.addAll(archive.options());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xlog:class+load:file=" + directory.resolve("loaded"),
            "-cp",
            path(archive.classPath(), directory.toString()),
            ArchiveMain.class.getName()));
    Path log = directory.resolve("log");
    int exitCode =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertThat(exitCode).as(() -> read(log)).isZero();
    assertThat(read(directory.resolve("loaded")))
        .containsPattern("kafka.server.BrokerServer source: shared objects file \\(top\\)");
  }

  private static String path(String... entries) {
    return String.join(File.pathSeparator, entries);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path jar(Path classes) throws IOException {
    Path jar = Files.createTempFile(directory, "hermes-testkit", ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path one : all.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(classes.relativize(one).toString()));
        Files.copy(one, entries);
      }
    }
    return jar;
  }
}
