package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.Words;
import java.time.Duration;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out why a producer was fenced. Kafka throws the same exception for a transaction that was
 * open for too long and for a second producer with the same transactional id. Only for the thread
 * that writes transactions.
 */
final class FencingReport {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final KafkaSettings settings;
  private final String transactionalId;
  private final Duration transactionTimeout;

  FencingReport(KafkaSettings settings, String transactionalId, Duration transactionTimeout) {
    this.settings = settings.toBuilder().openTimeout(TIMEOUT).build();
    this.transactionalId = transactionalId;
    this.transactionTimeout = transactionTimeout;
  }

  /**
   * Explains the fencing, if the coordinator responds within about a second.
   *
   * @param fenced what the producer reported
   * @param startedNs when the transaction began, as {@link System#nanoTime}
   * @return the reason to report; the given exception if nothing more is known
   */
  HermesException explain(HermesException fenced, long startedNs) {
    Duration open = Duration.ofNanos(System.nanoTime() - startedNs);
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      TransactionDescription now = topics.questions(TIMEOUT).transaction(transactionalId).join();
      boolean aborted =
          now.state() == TransactionState.PREPARE_ABORT
              || now.state() == TransactionState.COMPLETE_ABORT;
      boolean late = open.compareTo(transactionTimeout) >= 0;
      if (aborted && late) {
        return new HermesException(
            "The transaction coordinator aborted it after transaction.timeout.ms ("
                + Words.duration(transactionTimeout)
                + "): it was open for "
                + Words.duration(open)
                + ". Hermes replaces its producer.",
            "Look for a pause of this process, or of the brokers.",
            fenced.getCause(),
            true);
      }
      return late
          ? fenced
          : new HermesException(
              "Another producer with the transactional id "
                  + transactionalId
                  + " has fenced this one: the coordinator has its epoch "
                  + now.producerEpoch()
                  + " in state "
                  + now.state()
                  + ". Hermes replaces its producer, which fences the other one.",
              "No other program should use this id; find it.",
              fenced.getCause(),
              true);
    } catch (RuntimeException e) {
      LOG.debug("Cannot determine what fenced {}: {}", transactionalId, Thrown.describe(e));
      return fenced;
    }
  }
}
