package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Creates the records that a publisher would write, for an outbox or another store between the
 * service and Kafka. {@link RecordPublisher} publishes them later, without the message classes.
 *
 * <p>Does not connect to Kafka. Safe for any thread.
 */
public final class EventEncoder implements AutoCloseable {

  private static final String NO_CLIENT = "";

  private final ZstdOptions zstd;
  private final Map<Descriptor, TopicRoute<?>> routes = new ConcurrentHashMap<>();

  /**
   * Creates an encoder for all messages with a contract.
   *
   * @param zstd the maximum event size, and how values are compressed if the contract asks for it
   */
  public EventEncoder(ZstdOptions zstd) {
    this.zstd = zstd;
  }

  /** Uses this contract for its message instead of the one in the schema. */
  public EventEncoder with(Topic<?> topic) {
    routes.put(topic.descriptor(), new TopicRoute<>(topic, zstd));
    return this;
  }

  /**
   * The contract of a message.
   *
   * @throws io.hermes.ContractException if it has none, or an invalid one
   */
  public Topic<?> topic(Descriptor message) {
    return route(message).topic();
  }

  /**
   * Creates a record. Refuses what a publisher would: an event that is too large, has no key, or
   * could not be decoded by readers, and headers that belong to the contract.
   *
   * @param event the event
   * @param headers additional headers
   * @param observer receives the event before it is encoded, and may add headers; null for none
   * @return the record, with the topic name from the contract
   * @throws io.hermes.ContractException if the message has no contract, or an invalid one
   * @throws io.hermes.PublishRejectedException if the event cannot be published
   */
  public ProducerRecord<byte[], byte[]> encode(
      Message event, Iterable<Header> headers, @Nullable Consumer<OutgoingEvent> observer) {
    TopicRoute<?> route = route(event.getDescriptorForType());
    Iterable<Header> all = observed(route, event, headers, observer);
    try {
      return route.record(event, all);
    } catch (RuntimeException | StackOverflowError e) {
      throw PublishOutcomes.unencodable(e, route.topic().name());
    }
  }

  /**
   * Creates a tombstone, which deletes a key of a compacted topic.
   *
   * @param message the message of the topic's contract
   * @param key the record key's bytes
   * @param observer as in {@link #encode}
   * @return the record
   * @throws io.hermes.ContractException if the message has no contract, or the key is empty
   */
  public ProducerRecord<byte[], byte[]> tombstone(
      Descriptor message, byte[] key, @Nullable Consumer<OutgoingEvent> observer) {
    TopicRoute<?> route = route(message);
    return route.tombstone(key, observed(route, null, List.of(), observer));
  }

  private static Iterable<Header> observed(
      TopicRoute<?> route,
      @Nullable Message event,
      Iterable<Header> headers,
      @Nullable Consumer<OutgoingEvent> observer) {
    if (observer == null) {
      return headers;
    }
    OutgoingEvent outgoing = new OutgoingEvent(NO_CLIENT, route.topic(), event, headers);
    observer.accept(outgoing);
    return outgoing.headers();
  }

  private TopicRoute<?> route(Descriptor message) {
    return routes.computeIfAbsent(message, unknown -> new TopicRoute<>(Topic.of(unknown), zstd));
  }

  /** Frees native memory. */
  @Override
  public void close() {
    routes.values().forEach(TopicRoute::close);
  }
}
