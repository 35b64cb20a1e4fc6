package io.hermes.benchmarks;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The raw client with a future for each event, completed by a separate thread: the least that keeps
 * continuations off Kafka's thread. It lacks everything else that a publisher provides (no budget,
 * outcomes, deadline, flush or contract), so its cost is a lower bound for a typed publisher.
 *
 * <p>One thread publishes.
 */
final class RawFutures implements AutoCloseable {

  private static final int ENTRIES = 1 << 17; // when full, Kafka's thread spins
  private static final long NAP_NS = TimeUnit.MICROSECONDS.toNanos(500);

  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReferenceArray<@Nullable Object> ring =
      new AtomicReferenceArray<>(2 * ENTRIES);
  private long added; // only used by Kafka's thread
  private volatile boolean asleep;
  private final Thread completer = new Thread(this::complete, "completer");

  RawFutures(Map<String, Object> config) {
    producer = new KafkaProducer<>(config);
    completer.setDaemon(true);
    completer.start();
  }

  CompletableFuture<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    Sent sent = new Sent();
    var unused = producer.send(record, sent);
    return sent;
  }

  /** Future and callback in one object. */
  private final class Sent extends CompletableFuture<RecordMetadata> implements Callback {
    @Override
    public void onCompletion(RecordMetadata metadata, @Nullable Exception failed) {
      int at = 2 * (int) (added++ % ENTRIES);
      while (ring.get(at) != null) {
        Thread.onSpinWait();
      }
      ring.setPlain(at + 1, failed != null ? failed : metadata);
      ring.set(at, this); // before asleep is read, or a wake-up could be missed
      if (asleep) {
        LockSupport.unpark(completer);
      }
    }
  }

  private void complete() {
    boolean busy = false;
    for (long taken = 0; ; ) {
      int at = 2 * (int) (taken % ENTRIES);
      Sent sent = (Sent) ring.get(at);
      if (sent != null) {
        Object outcome = ring.getPlain(at + 1);
        ring.setPlain(at + 1, null);
        ring.setRelease(at, null);
        taken++;
        busy = true;
        if (outcome instanceof RecordMetadata metadata) {
          sent.complete(metadata);
        } else {
          sent.completeExceptionally((Exception) outcome);
        }
      } else if (busy) {
        busy = false;
        LockSupport.parkNanos(this, NAP_NS); // as Hermes does: the next batch arrives soon
      } else {
        asleep = true;
        if (ring.get(at) == null) {
          LockSupport.park(this);
        }
        asleep = false;
      }
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
