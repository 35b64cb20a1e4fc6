package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Relays and the broker are killed, the broker is paused, the database is restarted; then the topic
 * is compared with what the database committed. {@code -Dhermes.test.transactions=20000}, of each
 * writer, is the full size; {@code -Dhermes.test.seed=N} takes the faults of another run.
 */
@Tag("full")
class OutboxFaultRunTest {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  @Test
  void theTopicHasWhatTheDatabaseCommittedInItsOrder() throws Exception {
    int transactions = Integer.getInteger("hermes.test.transactions", 2_000);
    long seed = Long.getLong("hermes.test.seed", System.nanoTime());
    try (OutboxFaultRun run = new OutboxFaultRun(directory, seed)) {
      OutboxComparison comparison = run.run(transactions, transactions <= 2_000 ? 40 : 100);
      System.out.printf(
          "3 writers, %d transactions each, seed %d: %d committed, %d rolled back, %d unknown, %d"
              + " failed and tried again%n%s%n",
          transactions,
          seed,
          run.ended("committed"),
          run.ended("rolled_back"),
          run.ended("unknown"),
          run.ended("failed"),
          comparison);
      assertThat(comparison.violations()).as("seed " + seed).isEmpty();
      assertThat(comparison.committed()).isGreaterThan(transactions * 2);
      assertThat(run.ended("rolled_back")).isPositive();
    }
  }
}
