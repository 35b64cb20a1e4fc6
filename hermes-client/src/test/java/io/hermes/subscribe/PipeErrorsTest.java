package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.kafka.KafkasExceptions;
import io.hermes.kafka.TransactionFailures.Step;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every exception of Kafka in every step of a pipe's transactions. */
class PipeErrorsTest {

  private static final ExecutorService HELPER = Executors.newSingleThreadExecutor();

  @AfterAll
  static void stop() {
    HELPER.shutdown();
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Step.class)
  void isSaidWithAdviceAndCostsNoResultAndDuplicatesNone(Step step) throws Exception {
    for (Exception failure : KafkasExceptions.all()) {
      // Nobody interrupts the poll thread.
      if (failure instanceof RuntimeException thrown && !(failure instanceof InterruptException)) {
        check(step, thrown, false);
        check(step, thrown, true);
      }
    }
    check(step, new IllegalStateException("told to"), true);
  }

  @Test
  void aStartWaitsForACoordinatorThatDoesNotRespondAndRefusesMissingPermissions() {
    assertThat(pipe().start(new TimeoutException("told to")))
        .singleElement()
        .satisfies(
            fault ->
                assertThat(fault.problem())
                    .startsWith("The pipe has no producer in group sim: ")
                    .contains("Its transaction coordinator, or another broker that it needs"));
    PipeSimulation refused = pipe();
    assertThatThrownBy(() -> refused.start(new TransactionalIdAuthorizationException("told to")))
        .isInstanceOf(AccessException.class)
        .hasMessageContaining("Grant WRITE and DESCRIBE");
  }

  /** Otherwise the commit of the close would be one without these offsets. */
  @Test
  void anErrorWhileItCommitsEndsThePipeAndCommitsNothing() throws Exception {
    StackOverflowError error = new StackOverflowError("told to");
    assertThat(pipe().endByError(error)).isSameAs(error);
  }

  private static PipeSimulation pipe() {
    return new PipeSimulation(ProcessingOrder.KEY, HELPER);
  }

  private static void check(Step step, RuntimeException failure, boolean endsProducer)
      throws Exception {
    String what = step + " fails with " + failure.getClass() + (endsProducer ? " for good" : "");
    String said;
    try {
      said = pipe().runWithFailure(step, failure, endsProducer);
    } catch (AssertionError e) {
      throw new AssertionError(what, e);
    }
    boolean ofGroup =
        failure instanceof CommitFailedException || failure instanceof RebalanceInProgressException;
    if (step == Step.OFFSETS && failure instanceof FencedInstanceIdException) {
      assertThat(said).as(what).startsWith("ends: ");
    } else if (step != Step.ABORT && !ofGroup) { // an abort that fails only replaces the producer
      assertThat(said).as(what).contains("in group sim").hasSizeGreaterThan(80);
    }
  }
}
