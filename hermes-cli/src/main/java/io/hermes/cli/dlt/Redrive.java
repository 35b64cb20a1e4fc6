package io.hermes.cli.dlt;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Thrown;
import io.hermes.publish.BulkResult;
import io.hermes.publish.RecordPublisher;
import io.hermes.read.HermesReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Publishes dead letters to their topics again, in order and in rounds: one bulk each, which is
 * noted in the ledger before the next one begins. So a redrive that is killed and started again
 * duplicates only one round, at most {@value #MOST_UNCOMMITTED} records. Used by one thread.
 */
final class Redrive implements AutoCloseable {

  static final int MOST_UNCOMMITTED = 500;

  private static final long MOST_BYTES = 8L << 20; // a round is kept in memory
  private static final long ROUND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORT_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration POLL = Duration.ofMillis(200); // how soon it sees Ctrl-C
  private static final Duration DELIVERY = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int LARGEST_REQUEST = 32 << 20; // as that of dead letters

  private final RecordPublisher publisher;
  private final RedriveLedger ledger;
  private final Stop stop;
  private final Progress progress;
  private final @Nullable Double rate;
  private final List<String> refused = new ArrayList<>();
  private final long startNs = System.nanoTime();
  private @Nullable Letter next; // was read, and is not published yet
  private long sent;
  private long acknowledged;
  private @Nullable HermesException failure;

  /** Makes the record of a dead letter. */
  interface Original {
    /** Null if the letter is to be left out. */
    @Nullable ProducerRecord<byte[], byte[]> of(EventRecord<DynamicMessage> letter);
  }

  private record Letter(EventRecord<?> source, ProducerRecord<byte[], byte[]> record) {

    /** What has to keep its order: a record without a key is on its own. */
    Object key() {
      byte[] key = source.rawKey();
      return key == null ? new Object() : ByteBuffer.wrap(key);
    }

    int bytes() {
      byte[] key = record.key();
      byte[] value = record.value();
      return (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    }
  }

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
    this.ledger = ledger;
    this.stop = stop;
    this.rate = rate;
    this.publisher = RecordPublisher.open(withLargeRequests(settings), DELIVERY);
  }

  private static KafkaSettings withLargeRequests(KafkaSettings settings) {
    String name = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
    return settings.producerProperties(Map.of()).containsKey(name)
        ? settings
        : settings.toBuilder().property(name, LARGEST_REQUEST).build();
  }

  /**
   * Publishes what is read, up to the end, Ctrl-C or an error, which {@link #throwFailure} throws.
   * All that is acknowledged is in the ledger when it returns.
   */
  void run(HermesReader<DynamicMessage> reader, Original original) {
    try {
      Round round;
      do {
        round = new Round(reader, original);
        BulkResult result = publisher.publishAll(round).join();
        settle(round.letters, result);
      } while (!round.isLast());
    } catch (HermesException e) {
      failure = e;
    }
  }

  /** Throws what ended it too early; does nothing if nothing did. */
  void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Takes letters from the reader as they are due, until the round is full or old. */
  private final class Round implements Iterator<ProducerRecord<byte[], byte[]>> {

    private final HermesReader<DynamicMessage> reader;
    private final Original original;
    private final List<Letter> letters = new ArrayList<>();
    private final long beginNs = System.nanoTime();
    private long bytes;

    Round(HermesReader<DynamicMessage> reader, Original original) {
      this.reader = reader;
      this.original = original;
    }

    boolean isLast() {
      return stop.isRequested() || (next == null && reader.isEnded());
    }

    /** Waits for the next letter. Returns false at the end of the round. */
    @Override
    public boolean hasNext() {
      while (next == null && !isFull() && !isLast()) {
        EventRecord<DynamicMessage> letter = reader.poll(POLL);
        ProducerRecord<byte[], byte[]> record = letter == null ? null : original.of(letter);
        next = letter == null || record == null ? null : new Letter(letter, record);
      }
      return next != null && !isFull() && awaitTurn();
    }

    private boolean isFull() {
      return letters.size() >= MOST_UNCOMMITTED
          || bytes >= MOST_BYTES
          || (!letters.isEmpty() && System.nanoTime() - beginNs > ROUND_NS);
    }

    private boolean awaitTurn() {
      if (rate == null) {
        return !stop.isRequested();
      }
      long waitNs = (long) (sent * 1e9 / rate) - (System.nanoTime() - startNs);
      if (waitNs > SHORT_WAIT_NS && !letters.isEmpty()) {
        return false; // what is published does not wait for what is not
      }
      return !stop.await(waitNs, TimeUnit.NANOSECONDS);
    }

    @Override
    public ProducerRecord<byte[], byte[]> next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Letter letter = next;
      next = null;
      letters.add(letter);
      bytes += letter.bytes();
      sent++;
      return letter.record;
    }
  }

  /**
   * Enters what was acknowledged into the ledger.
   *
   * @throws HermesException why the first letter could not be written that may be written later, or
   *     why reading failed
   */
  private void settle(List<Letter> letters, BulkResult result) {
    List<Letter> published = letters;
    BulkResult outcome = result;
    while (true) {
      List<Letter> again = note(published, outcome);
      if (outcome.stopped().isPresent()) {
        HermesException why = outcome.stopped().get();
        throw why.getCause() instanceof HermesException reading ? reading : why;
      }
      if (again.isEmpty()) {
        return;
      }
      published = again;
      outcome = publisher.publishAll(again.stream().map(Letter::record).iterator()).join();
    }
  }

  /**
   * Enters what was acknowledged into the ledger. A broker that refuses a record for good has
   * rejected the rest of its batch, too.
   *
   * @return the letters to publish again, now without the ones that were refused
   */
  private List<Letter> note(List<Letter> letters, BulkResult result) {
    Map<Long, PublishException> failures = new HashMap<>();
    result.failures().forEach(one -> failures.put(one.index(), one.exception()));
    boolean anyRefused = failures.values().stream().anyMatch(Redrive::isRefusal);
    List<Letter> again = new ArrayList<>();
    Set<Object> waiting = new HashSet<>();
    @Nullable HermesException first = null;
    for (int i = 0; i < letters.size(); i++) {
      Letter letter = letters.get(i);
      Object key = letter.key();
      PublishException why = failures.get((long) i);
      if (i >= result.taken()) {
        waiting.add(key);
      } else if (why != null && isRefusal(why)) {
        refused.add(position(letter.source) + ": " + why.getMessage());
        continue;
      } else if (why != null) {
        waiting.add(key);
        boolean spoiled =
            anyRefused && why instanceof PublishRejectedException && why.isRetryable();
        first = spoiled || first != null ? first : why;
      }
      // What follows a failed one of its key is published again, or it would stay before it.
      if (waiting.contains(key)) {
        again.add(letter);
      } else {
        ledger.add(letter.source.partition(), letter.source.offset());
        acknowledged++;
        progress.step();
      }
    }
    ledger.commit();
    if (first != null) {
      throw first;
    }
    return again;
  }

  /** Whether the topic would never take that record. */
  private static boolean isRefusal(PublishException why) {
    return why instanceof PublishRejectedException
        && Thrown.causes(why).stream().anyMatch(KafkaFailures::isUnwritable);
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
    publisher.close(CLOSE);
  }
}
