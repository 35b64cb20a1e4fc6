package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Publishes records that are already encoded, such as outbox rows or dead-letter records. It has no
 * message types and adds nothing to a record. Otherwise it works like a {@link HermesPublisher}:
 * the same three outcomes, budgets, deadlines and health. Observers do not see its records.
 *
 * <p>Safe for any thread.
 */
public final class RecordPublisher implements AutoCloseable {

  private static final int MAX_RECORDS = 50_000;
  private static final long MAX_BYTES = 32L << 20;

  private final KafkaPublisher<Message> publisher;

  private RecordPublisher(KafkaPublisher<Message> publisher) {
    this.publisher = publisher;
  }

  /**
   * Opens a publisher without waiting for a broker. Until one responds, records are rejected as
   * retryable.
   *
   * @param settings where Kafka is; the topic prefix is ignored, since records carry full topic
   *     names
   * @param deliveryTimeout how long Kafka tries to deliver a record before its outcome is unknown,
   *     at least 11 seconds
   * @return the publisher
   * @throws io.hermes.SettingsException if a setting is invalid
   */
  public static RecordPublisher open(KafkaSettings settings, Duration deliveryTimeout) {
    PublisherConfig config =
        new PublisherConfig(
            List.of(),
            settings,
            false,
            MAX_RECORDS,
            MAX_BYTES,
            Duration.ofMinutes(1),
            deliveryTimeout,
            ZstdOptions.defaults(),
            List.of());
    PublisherStart.checkDeliveryTimeout(config);
    return new RecordPublisher(PublisherStart.open(config));
  }

  /**
   * Publishes records in order and reports one result for all of them, as {@link
   * HermesPublisher#publishAll(Iterator)}.
   *
   * @param records the source; only the calling thread uses it. Topic names include any prefix
   * @return always completes with a result
   */
  public CompletableFuture<BulkResult> publishAll(
      Iterator<ProducerRecord<byte[], byte[]>> records) {
    return publisher.publishRecords(records);
  }

  /** The current health. */
  public PublisherHealth health() {
    return publisher.health();
  }

  /** See {@link HermesPublisher#close(Duration)}. */
  public void close(Duration timeout) {
    publisher.close(timeout);
  }

  /** Closes within 30 seconds. */
  @Override
  public void close() {
    publisher.close();
  }
}
