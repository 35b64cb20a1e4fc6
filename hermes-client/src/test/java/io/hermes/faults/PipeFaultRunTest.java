package io.hermes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.OneAtATime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pipes with faults at random moments: exactly once, held against the inputs. {@code
 * -Dhermes.test.minutes=9} makes it longer, {@code -Dhermes.test.seed=N} takes the faults of
 * another run; when they come, and what they meet, is never the same.
 */
@Tag("full")
@ExtendWith(OneAtATime.class)
class PipeFaultRunTest {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  @ParameterizedTest
  @CsvSource({"classic, 2", "consumer, 1"})
  void eachInputHasItsOutputsExactlyOnceAndInOrder(String protocol, long minutes) throws Exception {
    Duration duration = Duration.ofMinutes(Long.getLong("hermes.test.minutes", minutes));
    long seed = Long.getLong("hermes.test.seed", System.nanoTime());
    try (PipeFaultRun run = new PipeFaultRun(directory, seed, protocol)) {
      System.out.printf("%s of faults, group protocol %s, seed %d%n", duration, protocol, seed);
      List<String> violations;
      try {
        violations = run.run(duration);
      } finally {
        System.out.println(run);
      }
      assertThat(violations).as("seed %d, logs in %s\n%s", seed, directory, run).isEmpty();
    }
  }
}
