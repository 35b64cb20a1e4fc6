package io.hermes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.OneAtATime;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults at random moments, the full histories compared. {@code -Dhermes.test.minutes=30} makes it
 * longer, {@code -Dhermes.test.seed=N} takes the faults of another run; when they come, and what
 * they meet, is never the same.
 */
@Tag("full")
@ExtendWith(OneAtATime.class)
class FaultRunTest {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void nothingIsLostSkippedOrOutOfOrder(String protocol) throws Exception {
    Duration duration = Duration.ofMinutes(Long.getLong("hermes.test.minutes", 1));
    long seed = Long.getLong("hermes.test.seed", System.nanoTime());
    try (FaultRun run = new FaultRun(directory, seed, protocol)) {
      Histories histories = run.run(duration);
      System.out.printf(
          "%s of faults, group protocol %s, seed %d%n%n%s%n", duration, protocol, seed, histories);
      assertThat(histories.violations()).as("seed %d, logs in %s", seed, directory).isEmpty();
      assertThat(histories.acknowledged()).isPositive();
    }
  }
}
