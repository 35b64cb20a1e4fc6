package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A publisher for unit tests, without Kafka: it keeps the published events in memory.
 *
 * <pre>{@code
 * try (var publisher = InMemoryPublisher.of(UserEvent.class)) {
 *   new Registration(publisher).register("user-123");
 *   assertThat(publisher.events()).containsExactly(expected);
 * }
 * }</pre>
 *
 * <p>It is the publisher that {@link HermesPublisher#open(Class)} returns, with Kafka's {@link
 * MockProducer} instead of a connection. As in production, it checks contracts, sizes and headers,
 * derives keys, encodes values, and completes futures on its own thread. Each topic has one
 * partition. It does not check what only a broker or Kafka's producer can: whether the topic
 * exists, permissions, and {@code max.request.size}.
 *
 * <p>Every event is acknowledged, unless {@link #nextOutcomes} says otherwise. Its threads are
 * daemon threads and end with {@code close}. Safe for any thread.
 *
 * @param <M> the events' type, or {@link Message} if there are several types
 */
public final class InMemoryPublisher<M extends Message> implements HermesPublisher<M> {

  /** The outcome of an event. */
  public enum Outcome {
    /** Its future has a {@link Receipt}. */
    ACKNOWLEDGED,
    /**
     * A {@link io.hermes.PublishRejectedException} that is not retryable, as for a missing
     * permission.
     */
    REJECTED,
    /** A {@link io.hermes.PublishRejectedException} that is retryable. */
    REJECTED_RETRYABLE,
    /** A {@link io.hermes.PublishUnknownException}, as after the delivery timeout. */
    UNKNOWN
  }

  private static final Duration NEVER = Duration.ofDays(365);

  private final Recorder recorder = new Recorder(this::add);
  private final RecordMemory<M> memory;
  private final List<EventRecord<M>> records = new ArrayList<>(); // guarded by itself
  private final HermesPublisher<M> publisher;

  private InMemoryPublisher(List<Topic<? extends M>> topics) {
    HermesPublisher.Builder<M> builder = new HermesPublisher.Builder<>();
    for (Topic<? extends M> topic : topics) {
      builder.topic(topic);
    }
    this.memory = new RecordMemory<>(topics);
    PublisherConfig config = builder.settings(KafkaSettings.of("in-memory:9092")).config();
    ReplaceableProducer producer =
        new ReplaceableProducer("In-memory publisher", recorder, () -> recorder, Duration.ZERO);
    // There is no broker that could stop responding.
    KafkaPublisher<M> opened =
        new KafkaPublisher<>(config, PublisherStart.routes(config), producer, NEVER);
    publisher = opened.opened("in-memory");
  }

  /**
   * A publisher of one type.
   *
   * @param type a message class with a contract
   * @param <M> the events' type
   * @return the publisher, open
   * @throws io.hermes.ContractException if the contract is invalid
   */
  public static <M extends Message> InMemoryPublisher<M> of(Class<M> type) {
    return new InMemoryPublisher<>(List.of(Topic.of(type)));
  }

  /** A publisher of several types. See {@link #of(Class)}. */
  @SafeVarargs
  public static InMemoryPublisher<Message> of(
      Class<? extends Message> first, Class<? extends Message>... others) {
    List<Topic<? extends Message>> topics = new ArrayList<>();
    topics.add(Topic.of(first));
    for (Class<? extends Message> other : others) {
      topics.add(Topic.of(other));
    }
    return new InMemoryPublisher<>(topics);
  }

  /**
   * Sets the outcomes of the next events, in this order. Later events are acknowledged. An invalid
   * event is rejected anyway and does not use up an outcome.
   *
   * @param outcomes one for each event or tombstone
   */
  public void nextOutcomes(Outcome... outcomes) {
    recorder.script(List.of(outcomes));
  }

  /**
   * The acknowledged events in the order in which they were published, without tombstones. An event
   * is included as soon as {@code publish} has returned.
   *
   * @return a copy
   */
  public List<M> events() {
    return records().stream()
        .filter(record -> !record.isTombstone())
        .<M>map(EventRecord::event)
        .toList();
  }

  /**
   * The records of {@link #events()} and of tombstones, as subscribers would get them: with topic,
   * key and headers. Timestamps are not set.
   *
   * @return a copy
   */
  public List<EventRecord<M>> records() {
    synchronized (records) {
      return List.copyOf(records);
    }
  }

  /** Forgets the published events, and the outcomes that are not used yet. */
  public void clear() {
    recorder.clear();
    synchronized (records) {
      records.clear();
    }
  }

  private void add(ProducerRecord<byte[], byte[]> written, long offset) {
    synchronized (records) {
      records.add(memory.record(written, offset));
    }
  }

  @Override
  public CompletableFuture<Receipt> publish(M event, Iterable<Header> headers) {
    return publisher.publish(event, headers);
  }

  @Override
  public CompletableFuture<Receipt> tryPublish(M event) {
    return publisher.tryPublish(event);
  }

  @Override
  public CompletableFuture<BulkResult> publishAll(
      Iterator<? extends M> events, Function<? super M, ? extends Iterable<Header>> headers) {
    return publisher.publishAll(events, headers);
  }

  @Override
  public Receipt publishAndWait(M event, Duration timeout) {
    return publisher.publishAndWait(event, timeout);
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String key) {
    return publisher.publishTombstone(key);
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String type, byte[] key) {
    return publisher.publishTombstone(type, key);
  }

  @Override
  public void flush(Duration timeout) {
    publisher.flush(timeout);
  }

  @Override
  public PublisherHealth health() {
    return publisher.health();
  }

  @Override
  public PublisherConfig config() {
    return publisher.config();
  }

  /** Closes the publisher; {@link #events()} and {@link #records()} stay available. */
  @Override
  public void close(Duration timeout) {
    publisher.close(timeout);
    memory.close();
  }

  @Override
  public String toString() {
    return "InMemoryPublisher" + config().topics();
  }

  /** Kafka's producer for tests, with outcomes as Kafka's real one reports them. */
  private static final class Recorder extends MockProducer<byte[], byte[]> {

    private final BiConsumer<ProducerRecord<byte[], byte[]>, Long> acknowledged;

    // Guarded by this.
    private final Queue<Outcome> script = new ArrayDeque<>();
    private CompletableFuture<Void> unknown = CompletableFuture.completedFuture(null);

    Recorder(BiConsumer<ProducerRecord<byte[], byte[]>, Long> acknowledged) {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
      this.acknowledged = acknowledged;
    }

    synchronized void script(List<Outcome> outcomes) {
      script.addAll(outcomes);
    }

    @Override
    public synchronized void clear() {
      super.clear();
      script.clear();
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      Outcome outcome = script.isEmpty() ? Outcome.ACKNOWLEDGED : script.remove();
      return switch (outcome) {
        case ACKNOWLEDGED -> super.send(record, recording(record, callback));
        case REJECTED ->
            throw new TopicAuthorizationException("The test rejects this event for good.");
        case REJECTED_RETRYABLE ->
            throw new NotLeaderOrFollowerException("The test rejects this event for now.");
        case UNKNOWN -> lose(record, callback);
      };
    }

    private Callback recording(ProducerRecord<byte[], byte[]> sent, Callback callback) {
      return (metadata, failure) -> {
        acknowledged.accept(sent, metadata.offset());
        callback.onCompletion(timed(metadata), failure);
      };
    }

    /** MockProducer sets no time. */
    private static RecordMetadata timed(RecordMetadata metadata) {
      return new RecordMetadata(
          new TopicPartition(metadata.topic(), metadata.partition()),
          metadata.offset(),
          0,
          System.currentTimeMillis(),
          metadata.serializedKeySize(),
          metadata.serializedValueSize());
    }

    /** Reports asynchronously: an error reported inside send would be a rejection. */
    private Future<RecordMetadata> lose(ProducerRecord<byte[], byte[]> record, Callback callback) {
      RecordMetadata none =
          new RecordMetadata(new TopicPartition(record.topic(), 0), -1, 0, -1, -1, -1);
      unknown =
          unknown.thenRunAsync(
              () ->
                  callback.onCompletion(
                      none,
                      new TimeoutException("The test leaves the outcome of this event open.")),
              task -> new Thread(task, "hermes-in-memory").start());
      return unknown.thenApply(done -> none);
    }

    @Override
    public void close(Duration timeout) {
      CompletableFuture<Void> last;
      synchronized (this) {
        last = unknown;
      }
      last.join();
      super.close(timeout);
    }
  }
}
