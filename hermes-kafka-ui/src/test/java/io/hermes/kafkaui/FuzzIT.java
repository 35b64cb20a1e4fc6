package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link DecodeFuzzer} with Jazzer in a JVM of its own; -Dhermes.fuzz.runs=1000000 for a long
 * run.
 */
class FuzzIT {

  private static final String RUNS = System.getProperty("hermes.fuzz.runs", "10000");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void noInputIsShownWrongThrowsOrCostsMoreThanItMay() throws Exception {
    Path out = dir.resolve("out");
    Process jazzer =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    "com.code_intelligence.jazzer.Jazzer",
                    "--target_class=" + DecodeFuzzer.class.getName(),
                    "--instrumentation_includes=io.hermes.kafkaui.**:io.hermes.contract.json.**",
                    "--custom_hook_includes=io.hermes.kafkaui.**:io.hermes.contract.json.**",
                    "--reproducer_path=" + dir,
                    "-artifact_prefix=" + dir + "/",
                    "-seed=1",
                    "-runs=" + RUNS))
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    boolean ended = jazzer.waitFor(3, TimeUnit.HOURS);
    jazzer.destroyForcibly();
    String log = Files.readString(out);
    System.out.println(log);

    assertThat(ended).isTrue();
    assertThat(jazzer.exitValue()).as(log).isZero();
    assertThat(log).contains("Done " + RUNS + " runs");
  }
}
