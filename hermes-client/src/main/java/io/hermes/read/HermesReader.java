package io.hermes.read;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of topics, without a group and without commits: for debugging, replay, backfill
 * and tests. It leaves no trace at the brokers and disturbs no subscriber.
 *
 * <pre>{@code
 * try (var reader = HermesReader.builder(UserEvent.class).from(StartAt.time(anHourAgo)).toEnd().open()) {
 *   for (EventRecord<UserEvent> record : reader) {
 *     System.out.println(record.event());
 *   }
 * }
 * }</pre>
 *
 * <p><b>Order.</b> The records of one partition come in the order of their offsets, so the events
 * of one key come in theirs. Partitions and topics are merged as their records arrive from the
 * brokers: in runs of one partition, in no order between partitions, not even by time.
 *
 * <p><b>What is read.</b> Only records of committed transactions; tombstones too, see {@link
 * EventRecord#isTombstone()}. A record that cannot be decoded is a record as any other, whose
 * {@link EventRecord#event()} throws {@link io.hermes.UndecodableEventException}; so is one of a
 * type that this reader was not told of. The type is what the {@code message-type} header says;
 * without the header, what the contract says, unless the topic carries several types.
 *
 * <p><b>Errors</b> while it reads, all of {@link io.hermes.HermesException}: {@link
 * io.hermes.UnknownTopicException} a few seconds after a topic was deleted, {@link
 * io.hermes.AccessException} without the right to read, {@link io.hermes.CorruptBatchException} for
 * records that are damaged as Kafka's own, and, unless it is endless, {@link
 * io.hermes.BrokerUnavailableException} when no broker has answered for half a minute. They come
 * again when reading is tried again. An interrupt also ends a wait with an exception and leaves the
 * thread's flag set.
 *
 * <p><b>Threads.</b> One thread at a time reads; {@link #close()} is for any thread, at any time.
 *
 * @param <M> the events' type; {@link Message} for several
 */
public final class HermesReader<M extends Message>
    implements Iterable<EventRecord<M>>, AutoCloseable {

  private static final Duration LONG = Duration.ofHours(1);

  private final ReaderConfig config;
  private final RecordSource source; // guarded by reading, but for wakeup
  private final TypedEvents<M> events;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile boolean closing;
  private volatile boolean ended; // written by who reads
  private boolean closed; // guarded by reading

  HermesReader(ReaderConfig config, RecordSource source, TypedEvents<M> events) {
    this.config = config;
    this.source = source;
    this.events = events;
    this.ended = source.isAtEnd();
  }

  /**
   * For the topic of a message class, as its schema says.
   *
   * @param type a class that protoc generated
   * @param <M> the events' type
   * @return a new builder
   * @throws io.hermes.ContractException if the message has no contract or a wrong one
   */
  public static <M extends Message> Builder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /**
   * For one topic.
   *
   * @param topic its contract, which may be one without a message class
   * @param <M> the events' type
   * @return a new builder
   */
  public static <M extends Message> Builder<M> builder(Topic<M> topic) {
    return builder(List.of(topic));
  }

  /**
   * For several topics, or several types on one topic.
   *
   * <p>A message without a class, such as one of a descriptor set, has a topic by {@link
   * Topic#of(com.google.protobuf.Descriptors.Descriptor)}; its events are dynamic messages.
   *
   * @param topics the contract of each type; several may name the same topic
   * @param <M> what the types have in common
   * @return a new builder
   */
  public static <M extends Message> Builder<M> builder(
      Collection<? extends Topic<? extends M>> topics) {
    return new Builder<>(List.copyOf(topics));
  }

  /**
   * The next record, waiting for one if need be.
   *
   * @param timeout how long to wait for it at most; where brokers do not answer, it can be a few
   *     seconds more
   * @return the record; null if none came in time, or if there are no more, as {@link #isEnded()}
   *     tells
   * @throws io.hermes.HermesException what is wrong, as the class describes
   */
  public @Nullable EventRecord<M> poll(Duration timeout) {
    long startNs = System.nanoTime();
    Duration left = timeout.compareTo(LONG) > 0 ? LONG : timeout;
    long timeoutNs = left.toNanos();
    reading.lock();
    try {
      while (!closing) {
        ConsumerRecord<byte[], byte[]> record = source.next();
        if (record != null) {
          return EventRecord.of(record, events);
        }
        if (source.isAtEnd()) {
          ended = true;
          return null;
        }
        if (left.isNegative()) {
          return null;
        }
        source.fetch(left); // at least once, even without time to wait
        left = Duration.ofNanos(timeoutNs - (System.nanoTime() - startNs));
      }
      return null;
    } catch (WakeupException e) {
      return null; // close() woke it
    } finally {
      reading.unlock();
    }
  }

  /**
   * Whether there are no more records: those up to the end have all been given out, or the reader
   * is closed. Never true of an endless reader that is open.
   */
  public boolean isEnded() {
    return ended || closing;
  }

  /** How it was opened. */
  public ReaderConfig config() {
    return config;
  }

  /**
   * The records from here on, once each: several iterators share the reader's one position. Its
   * {@code hasNext} waits for the next record, and is false at the end and when the reader is
   * closed; an error ends it with an exception, as the class describes.
   */
  @Override
  public Iterator<EventRecord<M>> iterator() {
    return new Iterator<>() {

      private @Nullable EventRecord<M> next;

      @Override
      public boolean hasNext() {
        while (next == null && !isEnded()) {
          next = poll(LONG);
        }
        if (closing) {
          next = null;
        }
        return next != null;
      }

      @Override
      public EventRecord<M> next() {
        if (!hasNext()) {
          throw new NoSuchElementException("The reader has no more records.");
        }
        EventRecord<M> record = Objects.requireNonNull(next);
        next = null;
        return record;
      }
    };
  }

  /**
   * Ends reading, also that of another thread which waits for a record, and disconnects. Takes
   * about a second at most. Further calls do nothing.
   */
  @Override
  public void close() {
    closing = true;
    source.wakeup();
    reading.lock();
    try {
      if (!closed) {
        closed = true;
        source.close();
        events.close();
      }
    } finally {
      reading.unlock();
    }
  }

  /**
   * How a {@link HermesReader} opens. Not for several threads at once.
   *
   * @param <M> the events' type
   */
  public static final class Builder<M extends Message> {

    private final List<? extends Topic<? extends M>> contracts;
    private @Nullable Pattern pattern;
    private @Nullable KafkaSettings settings;
    private StartAt from = StartAt.beginning();
    private boolean bounded;
    private @Nullable Instant to;
    private ZstdOptions zstd = ZstdOptions.defaults();

    private Builder(List<? extends Topic<? extends M>> contracts) {
      this.contracts = contracts;
      if (contracts.isEmpty()) {
        throw new SettingsException("A reader needs one topic or more.", null);
      }
    }

    /**
     * Reads the topics with such names instead of those of the contracts, which then only say the
     * types. Dead letter topics are among them if their names match; Kafka's own topics are not. An
     * endless reader also reads, from their beginning, topics that are made later, as soon as it
     * sees them: it looks every {@code metadata.max.age.ms} (Kafka's 5 minutes, unless set). One
     * that is deleted is no error for it.
     */
    public Builder<M> topics(Pattern names) {
      this.pattern = Objects.requireNonNull(names);
      return this;
    }

    /** Where Kafka is. Default: {@link KafkaSettings#fromEnvironment()}. */
    public Builder<M> settings(KafkaSettings kafka) {
      this.settings = Objects.requireNonNull(kafka);
      return this;
    }

    /** Where reading starts in each partition. Default: {@link StartAt#beginning()}. */
    public Builder<M> from(StartAt start) {
      this.from = Objects.requireNonNull(start);
      return this;
    }

    /**
     * Ends after the last record that can be read when the reader opens: not after what is written
     * later, nor what is then in an open transaction. Default: never ends.
     */
    public Builder<M> toEnd() {
      this.bounded = true;
      return this;
    }

    /**
     * Ends in each partition before its first record with this timestamp or a later one, and at the
     * end as {@link #toEnd()} does where there is none: it never waits for that time. So the one
     * reader's {@code toTime} as the next one's {@link StartAt#time} leaves no record out and gives
     * none twice, even where timestamps are not in order.
     */
    public Builder<M> toTime(Instant time) {
      this.to = Objects.requireNonNull(time);
      this.bounded = true;
      return this;
    }

    /**
     * The largest event that is decoded, and the dictionaries of ZSTD values. Default: {@link
     * ZstdOptions#defaults()}.
     */
    public Builder<M> zstd(ZstdOptions options) {
      this.zstd = Objects.requireNonNull(options);
      return this;
    }

    /**
     * Connects and finds where to start, so that what is written from now on is not missed by
     * {@link StartAt#latest()}.
     *
     * @return an open reader, to be closed
     * @throws io.hermes.BrokerUnavailableException if no broker answers within the open time-out
     * @throws io.hermes.UnknownTopicException if there is no such topic, or none that the pattern
     *     matches, which an endless reader waits for
     * @throws io.hermes.AccessException if the brokers refuse the credentials, or the principal may
     *     not see a topic; that it may not read one shows with the first record
     * @throws SettingsException if a setting is wrong
     */
    public HermesReader<M> open() {
      return ReaderStart.open(config(), contracts);
    }

    private ReaderConfig config() {
      return new ReaderConfig(
          List.copyOf(contracts),
          Optional.ofNullable(pattern),
          settings == null ? KafkaSettings.fromEnvironment() : settings,
          from,
          bounded,
          Optional.ofNullable(to),
          zstd);
    }
  }
}
