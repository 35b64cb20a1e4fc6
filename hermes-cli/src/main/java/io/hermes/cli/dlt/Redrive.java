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
 * Publishes dead-letter records to their original topics again, in order and in rounds. A round is
 * one bulk, and its results are committed to the ledger before the next round begins. So a redrive
 * that is killed and restarted duplicates at most one round of up to {@value #MOST_UNCOMMITTED}
 * records. Used by one thread.
 */
final class Redrive implements AutoCloseable {

  static final int MOST_UNCOMMITTED = 500;

  private static final long MOST_BYTES = 8L << 20; // a round is kept in memory
  private static final long ROUND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORT_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration POLL = Duration.ofMillis(200); // how soon it sees Ctrl-C
  private static final Duration DELIVERY = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int LARGEST_REQUEST = 32 << 20; // like the producer of dead-letter records

  private final RecordPublisher publisher;
  private final RedriveLedger ledger;
  private final Stop stop;
  private final Progress progress;
  private final @Nullable Double rate;
  private final List<String> refused = new ArrayList<>();
  private final long startNs = System.nanoTime();
  private @Nullable Letter next; // read but not yet published
  private long sent;
  private long acknowledged;
  private @Nullable HermesException failure;

  /** Creates the original record from a dead-letter record. */
  interface Original {
    /** Returns null to skip the dead-letter record. */
    @Nullable ProducerRecord<byte[], byte[]> of(EventRecord<DynamicMessage> letter);
  }

  private record Letter(EventRecord<?> source, ProducerRecord<byte[], byte[]> record) {

    /** Records with equal keys keep their order. A record without a key has a unique one. */
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
   * @param rate records per second; null for no limit
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
   * Publishes the reader's records up to the end, Ctrl-C or an error, which {@link #throwFailure}
   * throws. When it returns, all acknowledged records are in the ledger.
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

  /** Throws the error that stopped the redrive; does nothing if there was none. */
  void throwFailure() {
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Takes records from the reader as they are due, until the round is full or has lasted a second.
   */
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

    /** Waits for the next record. Returns false at the end of the round. */
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
        return false; // records already published should be committed without delay
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
   * Commits acknowledged records to the ledger, and publishes again what failed only because of
   * another record.
   *
   * @throws HermesException the first failure of a record that may be written later, or the reason
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
   * Commits acknowledged records to the ledger. When a broker permanently rejects a record, it also
   * rejects the rest of its batch.
   *
   * @return the records to publish again, without the rejected ones
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
      // Later records with the key of a failed one are published again, to come after it.
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

  /** Whether the topic can never accept that record. */
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

  /** The records that the topic can never accept, with position and reason. */
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
