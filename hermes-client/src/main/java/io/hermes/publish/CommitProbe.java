package io.hermes.publish;

import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a transaction that has ended was committed, by reading one of its records. The
 * coordinator cannot tell: it forgets the outcome as soon as a producer with the same id starts.
 * Needs READ on the topic. Only for the thread that writes transactions.
 */
final class CommitProbe {

  /** What the log says. */
  enum Answer {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaSettings settings;

  CommitProbe(KafkaSettings settings) {
    this.settings = settings;
  }

  /**
   * Looks for a record of the transaction.
   *
   * @param receipts where its records were written
   * @param untilNs when to stop
   * @return unknown if the record may not be read, was compacted away, or comes after another open
   *     transaction
   */
  Answer check(List<Receipt> receipts, long untilNs) {
    Optional<Receipt> known = receipts.stream().filter(one -> one.offset() >= 0).findFirst();
    if (known.isEmpty()) { // for an old duplicate the broker no longer knows the offset
      return Answer.UNKNOWN;
    }
    Receipt written = known.get();
    try {
      if (isThere(written, IsolationLevel.READ_COMMITTED, untilNs)) {
        return Answer.COMMITTED;
      }
      // A record that no longer exists proves nothing.
      return isThere(written, IsolationLevel.READ_UNCOMMITTED, untilNs)
          ? Answer.ABORTED
          : Answer.UNKNOWN;
    } catch (RuntimeException e) {
      LOG.debug("No outcome from {}: {}", written, Thrown.describe(e));
      return Answer.UNKNOWN;
    }
  }

  private boolean isThere(Receipt written, IsolationLevel level, long untilNs) {
    TopicPartition partition = new TopicPartition(written.topic(), written.partition());
    Consumer<byte[], byte[]> consumer = settings.clients().consumer(properties(level));
    try {
      consumer.assign(List.of(partition));
      consumer.seek(partition, written.offset());
      while (System.nanoTime() - untilNs < 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          return record.offset() == written.offset();
        }
        if (consumer.position(partition, POLL) > written.offset()) {
          return false;
        }
      }
      throw new TimeoutException("The record cannot be read yet.");
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private Map<String, Object> properties(IsolationLevel level) {
    Map<String, Object> config = settings.consumerProperties(Map.of());
    ClientIds.assign(config, "probe");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, level.toString().toLowerCase(Locale.ROOT));
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    return config;
  }
}
