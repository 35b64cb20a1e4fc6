package io.hermes.publish;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's producer, and another one in its place where it hangs. Safe for any thread.
 *
 * <p>The old one is closed before there is a new one, so what it had has ended: the order within a
 * key holds.
 */
final class ReplaceableProducer {

  private static final Logger LOG = LoggerFactory.getLogger(ReplaceableProducer.class);

  private final Supplier<Producer<byte[], byte[]>> factory;
  private volatile Producer<byte[], byte[]> current; // written under this
  private boolean broken; // guarded by this; current is closed, and there is no other
  private boolean closed; // guarded by this

  ReplaceableProducer(Supplier<Producer<byte[], byte[]>> factory) {
    this.factory = factory;
    this.current = factory.get();
  }

  void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    try {
      var unused = current.send(record, callback);
    } catch (IllegalStateException e) {
      if (!isReplaced()) {
        throw e;
      }
      var unused = current.send(record, callback);
    }
  }

  /** After Kafka's "closed": waits, a moment, for the other producer. */
  private synchronized boolean isReplaced() {
    if (broken) {
      throw new TimeoutException("There is no producer at the moment.");
    }
    return !closed;
  }

  /** Waits for a topic's metadata, as a first send would. */
  void fetchMetadata(String topic) {
    current.partitionsFor(topic);
  }

  /** Kafka's figures of the producer that is there now. */
  Map<MetricName, ? extends Metric> metrics() {
    return current.metrics();
  }

  /** Ends all that is on its way, as unknown, and begins anew. */
  synchronized void replace() {
    if (closed) {
      return;
    }
    closeCurrent(Duration.ZERO);
    broken = true;
    mend();
  }

  /** Makes the new producer, if that has not worked yet. */
  synchronized void mend() {
    if (!broken || closed) {
      return;
    }
    try {
      current = factory.get();
      broken = false;
    } catch (RuntimeException e) {
      LOG.warn("No new producer yet: {}", e.getMessage());
    }
  }

  synchronized void close(Duration timeout) {
    closed = true;
    closeCurrent(timeout);
  }

  private void closeCurrent(Duration timeout) {
    try {
      current.close(timeout);
    } catch (KafkaException e) {
      LOG.warn("Kafka's producer did not close in order", e);
    }
  }
}
