package io.hermes.subscribe;

import io.hermes.testing.Races;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds in every order of events: a whole subscriber, stepped at random. */
class SubscriberPropertiesTest {

  private static final ExecutorService HELPER = Executors.newSingleThreadExecutor();

  @AfterAll
  static void stop() {
    HELPER.shutdown();
  }

  @ParameterizedTest
  @EnumSource(ProcessingOrder.class)
  void losesSkipsAndReordersNothing(ProcessingOrder order) {
    RandomOps.check(60, 300, Simulation.KINDS, ops -> new Simulation(order, HELPER).run(ops));
  }

  @ParameterizedTest
  @EnumSource(ProcessingOrder.class)
  void aPipeCommitsEachResultOnceTogetherWithItsOffset(ProcessingOrder order) {
    RandomOps.check(
        60, 300, PipeSimulation.KINDS, ops -> new PipeSimulation(order, HELPER).run(ops));
  }

  @Tag("full")
  @Test
  void aPipeCommitsEachResultOnceTogetherWithItsOffsetInLongRuns() {
    for (ProcessingOrder order : ProcessingOrder.values()) {
      RandomOps.check(
          20 * Races.MANY,
          500,
          PipeSimulation.KINDS,
          ops -> new PipeSimulation(order, HELPER).run(ops));
    }
  }

  @Tag("full")
  @Test
  void losesSkipsAndReordersNothingInLongRuns() {
    for (ProcessingOrder order : ProcessingOrder.values()) {
      RandomOps.check(
          40 * Races.MANY, 500, Simulation.KINDS, ops -> new Simulation(order, HELPER).run(ops));
    }
  }
}
