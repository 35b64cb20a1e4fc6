package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.IoThread;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.Thrown;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records that could not be handled to the dead letter topic: their own key, value and
 * headers, and where they come from. Safe for any thread.
 *
 * <p>Kafka ends each dead letter within its delivery time-out. One that it does not end, because
 * its I/O thread was ended by an {@code Error} or does not return, counts as failed ({@link #look})
 * and is sent again with another producer. So it may be duplicated.
 */
final class DeadLetters {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final int LONGEST_HEADER = 1024;
  private static final long FIRST_RETRY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long LAST_RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  /** The producer's delivery time-out. */
  static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);

  /** Kafka's own expiry comes first. */
  private static final long LIMIT_NS = DELIVERY_TIMEOUT.plusSeconds(5).toNanos();

  private final Supplier<Producer<byte[], byte[]>> factory;
  private final AtomicReference<@Nullable Outlet> outlet = new AtomicReference<>();
  private final Set<Letter> onTheirWay = ConcurrentHashMap.newKeySet();
  private final String group;
  private final String where;
  private final Faults faults;
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private volatile boolean closed;

  /** Is told once what became of a dead letter. Called by Kafka's I/O thread or a worker. */
  interface Written {
    void acknowledged();

    /** It is not written. Who had it sends it again, not before this wait is over. */
    void failed(long retryInNs);
  }

  /** A producer, and the thread that calls back. */
  private static final class Outlet {
    private final Producer<byte[], byte[]> producer;
    private final IoThread ioThread = new IoThread();

    Outlet(Producer<byte[], byte[]> producer) {
      this.producer = producer;
    }
  }

  /** One on its way: who takes it out of the set may say what became of it. */
  private final class Letter implements Callback {
    private final String topic;
    private final WorkItem item;
    private final Written written;
    private final Outlet outlet;
    private final long sentNs = System.nanoTime();

    Letter(String topic, WorkItem item, Written written, Outlet outlet) {
      this.topic = topic;
      this.item = item;
      this.written = written;
      this.outlet = outlet;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      outlet.ioThread.callsBack();
      end(failure);
    }

    void end(@Nullable Throwable failure) {
      if (!onTheirWay.remove(this)) {
        return;
      }
      if (failure == null) {
        failuresInARow.set(0);
        isWritten(item);
        written.acknowledged();
      } else {
        failed(topic, item, failure, written);
      }
    }
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
    Letter letter;
    try {
      letter = new Letter(topic, item, written, outlet());
    } catch (RuntimeException | Error e) { // no producer can be made
      failed(topic, item, e, written);
      return;
    }
    onTheirWay.add(letter);
    try {
      var unused = letter.outlet.producer.send(letter(topic, item, cause), letter);
    } catch (RuntimeException | Error e) {
      letter.end(e);
    }
  }

  /** Ends what Kafka does not end. Called once a second. */
  void look(long nowNs) {
    Outlet now = outlet.get();
    // In this order: close() ends the thread.
    boolean dead = now != null && now.ioThread.isDead() && !closed;
    List<Letter> lost = new ArrayList<>();
    for (Letter letter : onTheirWay) {
      if (nowNs - letter.sentNs > LIMIT_NS || (dead && letter.outlet == now)) {
        lost.add(letter);
        dead |= letter.outlet == now;
      }
    }
    if (now != null && dead && outlet.compareAndSet(now, null)) {
      LOG.warn(
          "Group {}: the producer of dead letters reports no outcomes any more; it is replaced, and"
              + " {} dead letters are sent again",
          group,
          lost.size());
      var unused = ProducerClose.begin("Group " + group, now.producer, Duration.ZERO);
    }
    KafkaException reason =
        new KafkaException("Kafka's producer ended without reporting an outcome.");
    lost.forEach(letter -> letter.end(reason));
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

  private Outlet outlet() {
    Outlet existing = outlet.get();
    if (existing != null) {
      return existing;
    }
    synchronized (this) {
      existing = outlet.get();
      if (existing == null) {
        existing = new Outlet(factory.get());
        outlet.set(existing);
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
    closed = true;
    Outlet existing = outlet.get();
    if (existing == null) {
      return;
    }
    try {
      if (!ProducerClose.await(
          ProducerClose.begin("Group " + group, existing.producer, timeout), timeout)) {
        LOG.warn("Group {}: the producer of dead letters is still waiting for a broker", group);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
