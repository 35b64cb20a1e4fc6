package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidMetadataException;
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
  }

  @Test
  void aMessageOfKafkaEndsBeforeTheRemedyBegins() {
    Fault fault =
        KafkaFailures.fault(
            Fault.Kind.COMMIT, WHAT, new KafkaException("Something else"), WHERE, null);
    assertThat(fault.problem()).endsWith(": Something else.");
    assertThat(fault.toString()).contains("Something else. Hermes retries");
  }
}
