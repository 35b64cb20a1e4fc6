package io.hermes.subscribe;

import io.hermes.kafka.IoThread;
import io.hermes.kafka.ProducerClose;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes failed records to the dead-letter topic: their key, value and headers, and where they come
 * from. Thread-safe.
 *
 * <p>Kafka completes each send within its delivery timeout. If it does not, because its I/O thread
 * was ended by an {@code Error} or is stuck, the send counts as failed ({@link #check}) and is
 * repeated with another producer. The dead-letter record may then be duplicated.
 */
final class DeadLetters implements DeadLetterOutlet {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final long FIRST_RETRY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long LAST_RETRY_NS = TimeUnit.SECONDS.toNanos(30);

  /** The producer's delivery timeout. */
  static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);

  /** Later than Kafka's own expiry. */
  private static final long LIMIT_NS = DELIVERY_TIMEOUT.plusSeconds(5).toNanos();

  private final Supplier<Producer<byte[], byte[]>> factory;
  private final AtomicReference<@Nullable Outlet> outlet = new AtomicReference<>();
  private final Set<Letter> inFlight = ConcurrentHashMap.newKeySet();
  private final String group;
  private final UnwrittenDeadLetters unwritten;
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private volatile boolean closed;

  /** A producer and its I/O thread. */
  private static final class Outlet {
    private final Producer<byte[], byte[]> producer;
    private final IoThread ioThread = new IoThread();

    Outlet(Producer<byte[], byte[]> producer) {
      this.producer = producer;
    }
  }

  /** A send in flight. The thread that removes it from the set reports its outcome. */
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
      if (!inFlight.remove(this)) {
        return;
      }
      if (failure == null) {
        failuresInARow.set(0);
        unwritten.remove(item);
        written.acknowledged();
      } else {
        failed(topic, item, failure, written);
      }
    }
  }

  DeadLetters(
      Supplier<Producer<byte[], byte[]>> factory, String group, UnwrittenDeadLetters unwritten) {
    this.factory = factory;
    this.group = group;
    this.unwritten = unwritten;
  }

  @Override
  public void send(WorkItem item, Throwable cause, Written written) {
    String topic = DeadLetterHeaders.topicOf(item.record.topic());
    Letter letter;
    try {
      letter = new Letter(topic, item, written, outlet());
    } catch (RuntimeException | Error e) { // the producer cannot be created
      failed(topic, item, e, written);
      return;
    }
    inFlight.add(letter);
    try {
      var unused = letter.outlet.producer.send(DeadLetterRecord.of(item, cause, group), letter);
    } catch (RuntimeException | Error e) {
      letter.end(e);
    }
  }

  /** Ends the sends that Kafka does not complete. */
  @Override
  public void check(long nowNs) {
    Outlet now = outlet.get();
    // In this order, since close() sets closed before it ends the thread.
    boolean dead = now != null && now.ioThread.isDead() && !closed;
    List<Letter> lost = new ArrayList<>();
    for (Letter letter : inFlight) {
      if (nowNs - letter.sentNs > LIMIT_NS || (dead && letter.outlet == now)) {
        lost.add(letter);
        dead |= letter.outlet == now;
      }
    }
    if (now != null && dead && outlet.compareAndSet(now, null)) {
      LOG.warn(
          "Group {}: the dead-letter producer no longer reports outcomes; it is replaced, and {}"
              + " dead-letter records are sent again",
          group,
          lost.size());
      var unused = ProducerClose.begin("Group " + group, now.producer, Duration.ZERO);
    }
    KafkaException reason =
        new KafkaException("Kafka's producer ended without reporting an outcome.");
    lost.forEach(letter -> letter.end(reason));
  }

  private void failed(String topic, WorkItem item, Throwable failure, Written written) {
    unwritten.add(item, topic, failure);
    int doublings = Math.min(failuresInARow.getAndIncrement(), 5);
    written.failed(Math.min(FIRST_RETRY_NS << doublings, LAST_RETRY_NS));
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

  @Override
  public void close(Duration timeout) {
    closed = true;
    Outlet existing = outlet.get();
    if (existing == null) {
      return;
    }
    try {
      if (!ProducerClose.await(
          ProducerClose.begin("Group " + group, existing.producer, timeout), timeout)) {
        LOG.warn("Group {}: the dead-letter producer is still waiting for a broker", group);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
