package io.hermes.publish;

import io.hermes.kafka.IoThread;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Some of the events on their way, and since when: where one partition's leader does not respond,
 * events of others are acknowledged all the time. To note the time of each event would cost more
 * than it is worth, so it is done for a few in each second. Safe for any thread; one of them looks.
 */
final class WaitingEvents {

  private static final int EACH_LOOK = 8;
  private static final int MOST = 64;

  private final Queue<Sample> onTheirWay = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wanted = new AtomicInteger(EACH_LOOK);
  private final IoThread ioThread = new IoThread();

  /** Kafka's callback of an event, which notes that it has ended. */
  final class Sample implements Callback {
    private final Callback callback;
    private final String topic;
    private final long sinceNs = System.nanoTime();
    private final Instant since = Instant.now();
    private volatile boolean ended;

    private Sample(String topic, Callback callback) {
      this.topic = topic;
      this.callback = callback;
    }

    String topic() {
      return topic;
    }

    long sinceNs() {
      return sinceNs;
    }

    Instant since() {
      return since;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      ended = true;
      ioThread.callsBack();
      callback.onCompletion(metadata, failure);
    }
  }

  /** The callback to send an event with: its own, or one that makes it a sample. */
  Callback perhaps(String topic, Callback callback) {
    if (wanted.get() <= 0 || wanted.getAndDecrement() <= 0) {
      return callback;
    }
    Sample sample = new Sample(topic, callback);
    onTheirWay.add(sample);
    return sample;
  }

  /** Kafka has thrown, and calls nothing back. */
  static void refused(Callback callback) {
    if (callback instanceof Sample sample) {
      sample.ended = true;
    }
  }

  /** The thread that ends events. */
  IoThread ioThread() {
    return ioThread;
  }

  /** Forgets those that have ended, and asks for some more. Only the looking thread. */
  @Nullable Sample oldest() {
    onTheirWay.removeIf(sample -> sample.ended);
    wanted.set(Math.min(EACH_LOOK, MOST - onTheirWay.size()));
    return onTheirWay.peek();
  }
}
