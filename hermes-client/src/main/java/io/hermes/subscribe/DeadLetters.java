package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.Thrown;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records that could not be handled to the dead letter topic: their own key, value and
 * headers, and where they come from. Safe for any thread.
 */
final class DeadLetters {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final int LONGEST_HEADER = 1024;
  private static final long FIRST_RETRY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long LAST_RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  private final Supplier<Producer<byte[], byte[]>> factory;
  private final AtomicReference<@Nullable Producer<byte[], byte[]>> producer =
      new AtomicReference<>();
  private final String group;
  private final String where;
  private final Faults faults;
  private final AtomicInteger failuresInARow = new AtomicInteger();

  /** Is told once what became of a dead letter. Called by Kafka's I/O thread or a worker. */
  interface Written {
    void acknowledged();

    /** It is not written. Who had it sends it again, not before this wait is over. */
    void failed(long retryInNs);
  }

  DeadLetters(
      Supplier<Producer<byte[], byte[]>> factory, String group, String where, Faults faults) {
    this.factory = factory;
    this.group = group;
    this.where = where;
    this.faults = faults;
  }

  void send(WorkItem item, Throwable cause, Written written) {
    String topic = DeadLetterHeaders.topicOf(item.record.topic());
    try {
      Future<?> told =
          producer()
              .send(
                  letter(topic, item, cause),
                  (metadata, failure) -> {
                    if (failure == null) {
                      failuresInARow.set(0);
                      isWritten(item);
                      written.acknowledged();
                    } else {
                      failed(topic, item, failure, written);
                    }
                  });
      LOG.trace("{} is on its way to {}: {}", item, topic, told);
    } catch (RuntimeException e) {
      failed(topic, item, e, written);
    }
  }

  private void failed(String topic, WorkItem item, Throwable failure, Written written) {
    TopicPartition source = new TopicPartition(item.record.topic(), item.record.partition());
    String what =
        "A dead-letter record cannot be written to "
            + topic
            + ", so "
            + source
            + " waits, at offset "
            + item.record.offset();
    Fault fault = KafkaFailures.fault(Fault.Kind.DEAD_LETTER, what, failure, where, topic);
    NavigableMap<Long, Fault> unwritten = item.assignment().unwrittenDeadLetters();
    synchronized (unwritten) {
      unwritten.put(item.record.offset(), fault.ofPartition(source).ofGroup(group));
      faults.begin(place(item), unwritten.firstEntry().getValue(), failure);
      if (item.assignment().isClosed()) {
        faults.end(place(item)); // the poll thread has ended those of the partition, or will
      }
    }
    int doublings = Math.min(failuresInARow.getAndIncrement(), 5);
    written.failed(Math.min(FIRST_RETRY_NS << doublings, LAST_RETRY_NS));
  }

  /** One that is written says nothing of another that is too large, or waits for its retry. */
  private void isWritten(WorkItem item) {
    NavigableMap<Long, Fault> unwritten = item.assignment().unwrittenDeadLetters();
    synchronized (unwritten) {
      if (unwritten.remove(item.record.offset()) != null && unwritten.isEmpty()) {
        faults.end(place(item));
      }
    }
  }

  private static String place(WorkItem item) {
    return "dead letter of " + item.partition.id();
  }

  private Producer<byte[], byte[]> producer() {
    Producer<byte[], byte[]> existing = producer.get();
    if (existing != null) {
      return existing;
    }
    synchronized (this) {
      existing = producer.get();
      if (existing == null) {
        existing = factory.get();
        producer.set(existing);
      }
      return existing;
    }
  }

  /** The original record and where it comes from. */
  ProducerRecord<byte[], byte[]> letter(String topic, WorkItem item, Throwable cause) {
    ConsumerRecord<byte[], byte[]> record = item.record;
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, null, record.key(), record.value());
    Headers headers = letter.headers();
    for (Header header : record.headers()) {
      boolean ours =
          header.key().startsWith(DeadLetterHeaders.PREFIX)
              || header.key().equals(DeadLetterHeaders.REDRIVE_GROUP);
      if (!ours) {
        headers.add(header);
      }
    }
    put(headers, DeadLetterHeaders.TOPIC, record.topic());
    put(headers, DeadLetterHeaders.PARTITION, Integer.toString(record.partition()));
    put(headers, DeadLetterHeaders.OFFSET, Long.toString(record.offset()));
    put(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp()));
    put(headers, DeadLetterHeaders.GROUP, group);
    put(headers, DeadLetterHeaders.EXCEPTION, cause.getClass().getName());
    put(headers, DeadLetterHeaders.MESSAGE, String.valueOf(Thrown.message(cause)));
    put(headers, DeadLetterHeaders.ATTEMPTS, Integer.toString(Math.max(1, item.failures)));
    return letter;
  }

  private static void put(Headers headers, String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_HEADER) {
      int end = LONGEST_HEADER - 3;
      while ((bytes[end] & 0xC0) == 0x80) {
        end--; // not in the middle of a character
      }
      bytes =
          (new String(bytes, 0, end, StandardCharsets.UTF_8) + "...")
              .getBytes(StandardCharsets.UTF_8);
    }
    headers.add(name, bytes);
  }

  /** Waits for what is on its way, at most so long. */
  void close(Duration timeout) {
    Producer<byte[], byte[]> existing = producer.get();
    if (existing == null) {
      return;
    }
    try {
      if (!ProducerClose.await(ProducerClose.begin("Group " + group, existing, timeout), timeout)) {
        LOG.warn("Group {}: the producer of dead letters is still waiting for a broker", group);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
