package io.hermes.read;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
 * Reads the events of topics without a consumer group and without commits, for debugging, replay,
 * backfill and tests. It leaves no state in the brokers and does not affect subscribers.
 *
 * <pre>{@code
 * try (var reader = HermesReader.builder(UserEvent.class).from(StartAt.time(anHourAgo)).toEnd().open()) {
 *   for (EventRecord<UserEvent> record : reader) {
 *     System.out.println(record.event());
 *   }
 * }
 * }</pre>
 *
 * <p><b>Order.</b> The records of one partition are returned in offset order, so the events of one
 * key are returned in the order in which they were published. Partitions and topics are merged as
 * their records arrive from the brokers, in runs of one partition. There is no order between
 * partitions, not even by time.
 *
 * <p><b>What is read.</b> Only records that are committed or outside a transaction, including
 * tombstones (see {@link EventRecord#isTombstone()}). A record that cannot be decoded, or whose
 * type this reader does not know, is returned like any other, but its {@link EventRecord#event()}
 * throws {@link io.hermes.UndecodableEventException}. The {@code message-type} header determines
 * the type; without the header, the contract does, unless the topic carries several types.
 *
 * <p><b>Errors.</b> Reading throws subclasses of {@link io.hermes.HermesException}: {@link
 * io.hermes.UnknownTopicException} a few seconds after a topic was deleted, {@link
 * io.hermes.AccessException} if the principal lacks the permission to read, and {@link
 * io.hermes.CorruptBatchException} if a batch in Kafka's log is corrupt. A bounded reader throws
 * {@link io.hermes.BrokerUnavailableException} if no broker has responded for half a minute. Until
 * the cause is gone, further reads throw again. An interrupt also ends a wait with an exception and
 * leaves the thread's interrupt flag set.
 *
 * <p><b>Threads.</b> Only one thread at a time may read; any thread may call {@link #close()} at
 * any time.
 *
 * @param <M> the events' type; {@link Message} for several
 */
public final class HermesReader<M extends Message>
    implements Iterable<EventRecord<M>>, AutoCloseable {

  private static final Duration LONG = Duration.ofHours(1);

  private final ReaderConfig config;
  private final RecordSource source; // guarded by reading, except wakeup
  private final TypedEvents<M> events;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile boolean closing;
  private volatile boolean ended; // written by the reading thread
  private boolean closed; // guarded by reading

  HermesReader(ReaderConfig config, RecordSource source, TypedEvents<M> events) {
    this.config = config;
    this.source = source;
    this.events = events;
    this.ended = source.isAtEnd();
  }

  /**
   * Builds a reader for the topic of a message class, from the contract in its schema.
   *
   * @param type a class that protoc generated
   * @param <M> the events' type
   * @return a new builder
   * @throws io.hermes.ContractException if the message has no contract or an invalid one
   */
  public static <M extends Message> Builder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /**
   * Builds a reader for one topic.
   *
   * @param topic its contract, with or without a generated message class
   * @param <M> the events' type
   * @return a new builder
   */
  public static <M extends Message> Builder<M> builder(Topic<M> topic) {
    return builder(List.of(topic));
  }

  /**
   * Builds a reader for several topics, or for several types on one topic.
   *
   * <p>For a message without a generated class, such as one from a descriptor set, create the topic
   * with {@link Topic#of(com.google.protobuf.Descriptors.Descriptor)}; its events are dynamic
   * messages.
   *
   * @param topics the contract of each type; several may name the same topic
   * @param <M> the common supertype of the types
   * @return a new builder
   */
  public static <M extends Message> Builder<M> builder(
      Collection<? extends Topic<? extends M>> topics) {
    return new Builder<>(List.copyOf(topics));
  }

  /**
   * Returns the next record, waiting for one if necessary.
   *
   * @param timeout the longest wait; if brokers do not respond, it can take a few seconds longer
   * @return the record; null if none arrived in time, or if there are no more, which {@link
   *     #isEnded()} reports
   * @throws io.hermes.HermesException if reading fails, as described for this class
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
        source.fetch(left); // at least once, even if the timeout is zero
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
   * Whether there are no more records: all records up to the end have been returned, or the reader
   * is closed. Never true for an open endless reader.
   */
  public boolean isEnded() {
    return ended || closing;
  }

  /** The configuration that the reader was opened with. */
  public ReaderConfig config() {
    return config;
  }

  /**
   * The records from the current position on. All iterators share the reader's position, so each
   * record is returned once. {@code hasNext} waits for the next record, and returns false at the
   * end and when the reader is closed. It throws on errors, as described for this class.
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
   * Ends reading and disconnects. It also wakes another thread that is waiting for a record. Takes
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
   * Builds a {@link HermesReader}. Not thread-safe.
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
        throw new SettingsException(
            "A reader needs at least one topic.", "Pass its contract to builder.", null);
      }
    }

    /**
     * Reads all topics whose names match, instead of the contracts' topics. The contracts then only
     * define the types. Dead-letter topics are included if their names match; Kafka's internal
     * topics are not. An endless reader also discovers matching topics that are created later and
     * reads them from the beginning; it checks every {@code metadata.max.age.ms} (by default
     * Kafka's 5 minutes). For an endless reader with a pattern, a deleted topic is not an error.
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
     * Ends after the last record that is readable when the reader opens. Records that are written
     * later, or that are in an open transaction at that time, are not read. Default: never ends.
     */
    public Builder<M> toEnd() {
      this.bounded = true;
      return this;
    }

    /**
     * Ends in each partition before its first record with this timestamp or a later one. If no such
     * record exists, it ends like {@link #toEnd()}; it never waits for that time. If one reader's
     * {@code toTime} is the next reader's {@link StartAt#time}, no record is skipped or read twice,
     * even if timestamps are out of order.
     */
    public Builder<M> toTime(Instant time) {
      this.to = Objects.requireNonNull(time);
      this.bounded = true;
      return this;
    }

    /**
     * The size limit of decoded events, and the dictionaries for ZSTD values. Default: {@link
     * ZstdOptions#defaults()}.
     */
    public Builder<M> zstd(ZstdOptions options) {
      this.zstd = Objects.requireNonNull(options);
      return this;
    }

    /**
     * Connects and determines the start positions, so that a reader from {@link StartAt#latest()}
     * does not miss records that are written after this call.
     *
     * @return an open reader, which the caller closes
     * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
     * @throws io.hermes.UnknownTopicException if the topic does not exist, or no topic matches the
     *     pattern (an endless reader waits for one instead)
     * @throws io.hermes.AccessException if the brokers refuse the credentials, or the principal may
     *     not describe a topic; a missing permission to read it is only reported by the first read
     * @throws SettingsException if a setting is invalid
     */
    public HermesReader<M> open() {
      ClusterNames names =
          ClusterNames.of(settings == null ? KafkaSettings.fromEnvironment() : settings);
      List<Topic<? extends M>> onCluster = new ArrayList<>();
      contracts.forEach(contract -> onCluster.add(names.topic(contract)));
      return ReaderStart.open(config(names, onCluster), onCluster);
    }

    private ReaderConfig config(ClusterNames names, List<Topic<? extends M>> onCluster) {
      return new ReaderConfig(
          List.copyOf(onCluster),
          Optional.ofNullable(pattern).map(names::topics),
          names.settings(),
          from,
          bounded,
          Optional.ofNullable(to),
          zstd);
    }
  }
}
