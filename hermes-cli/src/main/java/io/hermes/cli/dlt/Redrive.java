package io.hermes.cli.dlt;

import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Puts dead letters back, in their order, and notes in the ledger what a broker has acknowledged. A
 * process that is killed has doubled, when it is started again, only what it sent since the last
 * commit: at most {@value #MOST_UNCOMMITTED} records. Used by one thread.
 */
final class Redrive implements AutoCloseable {

  static final int MOST_UNCOMMITTED = 500;

  private static final long COMMIT_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORT_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final KafkaSettings settings;
  private final Producer<byte[], byte[]> producer;
  private final RedriveLedger ledger;
  private final Stop stop;
  private final Progress progress;
  private final @Nullable Double rate;
  private final List<Sent> uncommitted = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final long startNs = System.nanoTime();
  private long settledNs = startNs;
  private long sent;
  private long acknowledged;
  private @Nullable HermesException failure;

  private record Sent(EventRecord<?> letter, String topic, Future<RecordMetadata> result) {}

  /**
   * Connects.
   *
   * @param rate how many a second; null for no limit
   */
  Redrive(
      KafkaSettings settings,
      RedriveLedger ledger,
      Stop stop,
      Progress progress,
      @Nullable Double rate) {
    this.progress = progress;
    this.settings = settings;
    this.ledger = ledger;
    this.stop = stop;
    this.rate = rate;
    this.producer = settings.clients().producer(config(settings));
  }

  private static Map<String, Object> config(KafkaSettings settings) {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    defaults.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 32 << 20); // as that of dead letters
    defaults.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    defaults.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    Map<String, Object> config = settings.producerProperties(defaults);
    ClientIds.assign(config, "redrive");
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    return config;
  }

  /**
   * Reads letters and sends them; all that is acknowledged is committed when it returns.
   *
   * @param reading calls {@link #send} for each
   */
  void run(Runnable reading) {
    try {
      reading.run();
      settle();
    } catch (HermesException e) {
      failure = e;
      if (!uncommitted.isEmpty()) {
        settleAfter(e);
      }
    }
  }

  private void settleAfter(HermesException first) {
    try {
      settle();
    } catch (HermesException e) {
      first.addSuppressed(e);
    }
  }

  /** Throws what ended it too early; does nothing if nothing did. */
  void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Sends a record when it is due, and commits when that is. Not after Ctrl-C. */
  void send(EventRecord<?> letter, ProducerRecord<byte[], byte[]> original) {
    boolean due = awaitTurn();
    if (!due) {
      return;
    }
    Future<RecordMetadata> result;
    try {
      result = producer.send(original);
    } catch (KafkaException e) {
      throw KafkaFailures.translate(e, settings.bootstrapServers(), original.topic());
    }
    uncommitted.add(new Sent(letter, original.topic(), result));
    sent++;
    boolean late = System.nanoTime() - settledNs > COMMIT_NS;
    // What is done so soon has failed: to send the next would only wait for the same again.
    if (late || uncommitted.size() >= MOST_UNCOMMITTED || result.isDone()) {
      settle();
    }
  }

  private boolean awaitTurn() {
    if (rate == null) {
      return !stop.isRequested();
    }
    long waitNs = (long) (sent * 1e9 / rate) - (System.nanoTime() - startNs);
    if (waitNs > SHORT_WAIT_NS) {
      settle(); // what is sent does not wait uncommitted for what is not
    }
    return !stop.await(waitNs, TimeUnit.NANOSECONDS);
  }

  /**
   * Waits for the acknowledgements and commits them.
   *
   * @throws HermesException what the first record got that could not be written, and that may be
   *     written later
   */
  void settle() {
    producer.flush();
    @Nullable HermesException first = null;
    Set<Object> waiting = new HashSet<>();
    for (Sent record : uncommitted) {
      EventRecord<?> letter = record.letter;
      Object key = letter.rawKey() == null ? letter : ByteBuffer.wrap(letter.rawKey());
      try {
        record.result.get();
        // Behind one of its key that failed it comes again, or it would be before it for good.
        if (!waiting.contains(key)) {
          ledger.add(letter.partition(), letter.offset());
          acknowledged++;
          progress.step();
        }
      } catch (ExecutionException | InterruptedException e) {
        HermesException told =
            KafkaFailures.translate(e, settings.bootstrapServers(), record.topic);
        if (isRefusal(e.getCause())) {
          refused.add(position(letter) + ": " + told.getMessage());
        } else {
          waiting.add(key);
          first = first == null ? told : first;
        }
      }
    }
    uncommitted.clear();
    ledger.commit();
    settledNs = System.nanoTime();
    if (first != null) {
      throw first;
    }
  }

  /** Whether the topic would never take that record. */
  private static boolean isRefusal(@Nullable Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof RecordBatchTooLargeException
        || cause instanceof InvalidRecordException
        || cause instanceof InvalidTimestampException;
  }

  static String position(EventRecord<?> letter) {
    return letter.topic() + "-" + letter.partition() + "@" + letter.offset();
  }

  long acknowledged() {
    return acknowledged;
  }

  /** What the topic would not take, with position and reason. */
  List<String> refused() {
    return refused;
  }

  Duration taken() {
    return Duration.ofNanos(System.nanoTime() - startNs);
  }

  @Override
  public void close() {
    producer.close(CLOSE);
  }
}
