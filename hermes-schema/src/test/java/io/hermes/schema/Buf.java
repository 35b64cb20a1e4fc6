package io.hermes.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The buf that the build has put into target. */
final class Buf {

  private Buf() {}

  /** Runs a command that must succeed. */
  static void run(Path dir, String... args) throws Exception {
    Path out = Files.createTempFile("buf", ".out");
    ProcessBuilder buf =
        new ProcessBuilder(Path.of("target/buf/buf.exe").toAbsolutePath().toString());
    buf.command().addAll(List.of(args));
    buf.environment().put("BUF_CACHE_DIR", Path.of("target/buf/cache").toAbsolutePath().toString());
    Process process =
        buf.directory(dir.toFile()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(out);
    Files.delete(out);
    assertThat(ended).as(output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
