package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import io.hermes.HermesException;
import java.util.Map;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.junit.jupiter.api.Test;

/** What the exceptions of Kafka's clients become that say little themselves. */
class KafkaFailuresTest {

  private static final String WHERE = "kafka-1:9092";
  private static final String WHAT = "The offsets of group billing are not committed";

  /** Kafka's own has no message, and is of an internal package. */
  private static final class NoAvailableBrokersException extends InvalidMetadataException {

    private static final long serialVersionUID = 1L;
  }

  @Test
  void aCommitWithoutAnyBrokerIsAFaultInWordsAndNotAClassName() {
    Fault fault =
        KafkaFailures.fault(
            Fault.Kind.COMMIT,
            WHAT,
            new RetriableCommitFailedException(new NoAvailableBrokersException()),
            WHERE,
            null);
    assertThat(fault.problem())
        .isEqualTo(WHAT + ": the group's coordinator does not respond at " + WHERE + ".");
    assertThat(fault.brokers()).containsExactly(WHERE);
  }

  @Test
  void noBrokerIsTheSameWhetherARequestTimesOutOrCannotBeSent() {
    assertThat(KafkaFailures.translate(new NoAvailableBrokersException(), WHERE, null))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageStartingWith("No Kafka broker responds at " + WHERE + ".");
    TimeoutException internal =
        new TimeoutException("Timed out waiting for a node assignment. Call: listNodes");
    assertThat(KafkaFailures.translate(internal, WHERE, null))
        .hasMessageStartingWith("No Kafka broker responds at " + WHERE + ".");
  }

  @Test
  void eachFailureThatAPersonCanMendHasAdviceApartFromTheProblem() {
    Map<Exception, String> cures =
        Map.of(
            new TimeoutException("late"), "Start one there, or correct the bootstrap servers",
            new UnknownTopicOrPartitionException("?"), "Create it with './hermes topics apply'",
            new TopicAuthorizationException("denied"), "Grant it with './hermes acls'",
            new SaslAuthenticationException("wrong"), "Correct KAFKA_SASL_USERNAME",
            new InvalidTopicException("a/b"), "Use 1 to 249 letters",
            new InconsistentGroupProtocolException("range"), "Set partition.assignment.strategy",
            new UnreleasedInstanceIdException("taken"), "Give each process its own",
            new UnsupportedAssignorException("odd"), "Correct group.remote.assignor",
            new CoordinatorNotAvailableException("none"), "Try again, or find the broker");
    cures.forEach(
        (failure, cure) -> {
          HermesException meaning = KafkaFailures.translate(failure, WHERE, "user.events");
          String advice = meaning.advice().orElseThrow();
          assertThat(advice).startsWith(cure).endsWith(".");
          assertThat(meaning.problem()).endsWith(".").doesNotContain(advice);
          assertThat(meaning).hasMessage(meaning.problem() + " " + advice);
        });
    assertThat(KafkaFailures.translate(new KafkaException("odd"), WHERE, null).advice()).isEmpty();
  }

  @Test
  void aFaultHasTheAdviceOfItsExceptionAndWhatHermesDoes() {
    Fault fault =
        KafkaFailures.fault(
            Fault.Kind.KAFKA, WHAT, new TopicAuthorizationException("denied"), WHERE, "orders");
    assertThat(fault.problem())
        .isEqualTo(
            WHAT + ": The principal lacks a permission on topic orders at kafka-1:9092 (denied).");
    assertThat(fault.advice())
        .isEqualTo(
            "Grant it with './hermes acls' or kafka-acls.sh, or use other credentials. Hermes"
                + " retries until it succeeds.");
  }

  @Test
  void aMessageOfKafkaEndsBeforeTheAdviceBegins() {
    Fault fault =
        KafkaFailures.fault(
            Fault.Kind.COMMIT, WHAT, new KafkaException("Something else"), WHERE, null);
    assertThat(fault.problem()).endsWith(": Something else.");
    assertThat(fault.toString()).contains("Something else. Hermes retries");
  }
}
