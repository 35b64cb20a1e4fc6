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
 * A sample of the events in flight, with their start times. It shows that one partition's leader
 * does not respond while events of other partitions are acknowledged. Recording the time of every
 * event would cost too much, so a few are sampled each second. Safe for any thread; only the
 * watch's thread calls {@link #oldest}.
 */
final class WaitingEvents {

  private static final int EACH_LOOK = 8;
  private static final int MOST = 64;

  private final Queue<Sample> inFlight = new ConcurrentLinkedQueue<>();
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

  /** The callback to send an event with: its own, or one that samples it. */
  Callback perhaps(String topic, Callback callback) {
    if (wanted.get() <= 0 || wanted.getAndDecrement() <= 0) {
      return callback;
    }
    Sample sample = new Sample(topic, callback);
    inFlight.add(sample);
    return sample;
  }

  /** Kafka's send has thrown, so the callback will not be called. */
  static void refused(Callback callback) {
    if (callback instanceof Sample sample) {
      sample.ended = true;
    }
  }

  /** Kafka's I/O thread, as seen by the callbacks. */
  IoThread ioThread() {
    return ioThread;
  }

  /**
   * Drops samples that have ended, and allows new ones. Only for the watch's thread.
   *
   * @return the oldest sample still in flight; null if there is none
   */
  @Nullable Sample oldest() {
    inFlight.removeIf(sample -> sample.ended);
    wanted.set(Math.min(EACH_LOOK, MOST - inFlight.size()));
    return inFlight.peek();
  }
}
