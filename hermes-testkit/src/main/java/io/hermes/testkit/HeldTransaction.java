package io.hermes.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A transaction of another program, open until the test commits, aborts or leaves it. Until then,
 * readers with {@code isolation.level=read_committed} stop before its first record. {@link
 * Kafka#holdTransaction} begins one.
 *
 * <pre>{@code
 * try (HeldTransaction held = kafka.holdTransaction("settlement", record)) {
 *   // a reader does not get past the record
 *   held.abort();
 *   // now it does
 * }
 * }</pre>
 *
 * <p>Its {@code transaction.timeout.ms} is Kafka's maximum of 15 minutes. After another producer
 * has taken its transactional id over, its methods throw Kafka's {@code ProducerFencedException}.
 *
 * <p>Not thread-safe.
 */
public final class HeldTransaction implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** How long a request waits for a broker that hangs, before the client tries the next one. */
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  private final String transactionalId;
  private final String bootstrapServers;
  private final KafkaProducer<byte[], byte[]> producer;
  private boolean open = true;

  private HeldTransaction(String bootstrapServers, String transactionalId) {
    this.transactionalId = transactionalId;
    this.bootstrapServers = bootstrapServers;
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            transactionalId,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            (int) Duration.ofMinutes(15).toMillis(),
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            TIMEOUT.toMillis(),
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            (int) ATTEMPT.toMillis(),
            ProducerConfig.LINGER_MS_CONFIG,
            0);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static HeldTransaction begin(
      Kafka kafka, String transactionalId, ProducerRecord<byte[], byte[]> first) {
    HeldTransaction held = new HeldTransaction(kafka.bootstrapServers(), transactionalId);
    try {
      held.producer.initTransactions();
      held.producer.beginTransaction();
      held.send(first);
      return held;
    } catch (RuntimeException | Error e) {
      held.leave();
      throw e;
    }
  }

  /**
   * Writes one more record in the transaction, to any topic, and waits until it is acknowledged.
   *
   * @param record the record
   * @return the record's position
   * @throws KafkaException the producer's error, such as {@code ProducerFencedException}
   */
  public RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
    Future<RecordMetadata> sent = producer.send(record);
    producer.flush();
    return Admins.await(sent, deadlineNs(), "acknowledgement by " + record.topic());
  }

  /**
   * Commits the transaction and waits until readers can see its records.
   *
   * @throws KafkaException the producer's error, such as {@code ProducerFencedException}
   */
  public void commit() {
    producer.commitTransaction();
    open = false;
    awaitEnd(TransactionState.COMPLETE_COMMIT);
  }

  /**
   * Aborts the transaction and waits until it no longer blocks readers.
   *
   * @throws KafkaException the producer's error, such as {@code ProducerFencedException}
   */
  public void abort() {
    producer.abortTransaction();
    open = false;
    awaitEnd(TransactionState.COMPLETE_ABORT);
  }

  /**
   * Closes the producer and leaves the transaction open, like a program that was killed. It blocks
   * readers until {@link Kafka#fence} aborts it, or an administrator does.
   */
  public void leave() {
    open = false;
    producer.close(Duration.ZERO);
  }

  /** Brokers finish a transaction after responding to the producer, so this polls its state. */
  private void awaitEnd(TransactionState end) {
    long deadlineNs = deadlineNs();
    String what = end + " of " + transactionalId;
    try (Admin admin = Admins.connect(bootstrapServers)) {
      while (true) {
        var answer =
            admin.describeTransactions(List.of(transactionalId)).description(transactionalId);
        if (Admins.await(answer, deadlineNs, what).state() == end) {
          return;
        }
        Admins.pause(deadlineNs, what);
      }
    }
  }

  private static long deadlineNs() {
    return System.nanoTime() + TIMEOUT.toNanos();
  }

  /** Aborts the transaction if it is still open, and closes the producer. */
  @Override
  public void close() {
    if (open) {
      // Kafka's producer aborts an open transaction, unless it was fenced.
      producer.close(TIMEOUT);
    } else {
      producer.close(Duration.ZERO);
    }
  }

  @Override
  public String toString() {
    return "HeldTransaction[" + transactionalId + "]";
  }
}
