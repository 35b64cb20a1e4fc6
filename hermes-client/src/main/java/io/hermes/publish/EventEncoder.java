package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.PublishRejectedException;
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
 * Makes the records that a publisher would write, for an outbox or another store between the
 * service and Kafka. {@link RecordPublisher} publishes them later, with no message classes.
 *
 * <p>Needs no Kafka. Safe for any thread.
 */
public final class EventEncoder implements AutoCloseable {

  private static final String NOWHERE = ""; // no broker is asked
  private static final String NO_CLIENT = "";

  private final ZstdOptions zstd;
  private final Map<Descriptor, TopicRoute<?>> routes = new ConcurrentHashMap<>();

  /**
   * An encoder for every message with a contract.
   *
   * @param zstd the largest event, and how values are compressed if the contract says so
   */
  public EventEncoder(ZstdOptions zstd) {
    this.zstd = zstd;
  }

  /** Takes this contract for its message instead of the one in the schema. */
  public EventEncoder with(Topic<?> topic) {
    routes.put(topic.descriptor(), PublisherStart.route(topic, zstd));
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
   * Makes a record, and refuses what a publisher would: an event that is too large, has no key, or
   * that no reader could decode, and the contract's own headers.
   *
   * @param event the event
   * @param headers additional headers
   * @return the record, with the contract's name of the topic
   * @throws io.hermes.ContractException if the message has no contract, or an invalid one
   * @throws io.hermes.PublishRejectedException if the event cannot be published
   */
  public ProducerRecord<byte[], byte[]> encode(Message event, Iterable<Header> headers) {
    return encode(route(event.getDescriptorForType()), event, headers);
  }

  /**
   * As {@link #encode(Message, Iterable)}, for an event that is observed.
   *
   * @param observer is shown the event before it is encoded, and may add headers
   */
  public ProducerRecord<byte[], byte[]> encode(
      Message event, Iterable<Header> headers, Consumer<OutgoingEvent> observer) {
    TopicRoute<?> route = route(event.getDescriptorForType());
    return encode(route, event, observed(route, event, headers, observer));
  }

  private static Iterable<Header> observed(
      TopicRoute<?> route,
      @Nullable Message event,
      Iterable<Header> headers,
      Consumer<OutgoingEvent> observer) {
    OutgoingEvent outgoing = new OutgoingEvent(NO_CLIENT, route.topic(), event, headers);
    observer.accept(outgoing);
    return outgoing.headers();
  }

  private ProducerRecord<byte[], byte[]> encode(
      TopicRoute<?> route, Message event, Iterable<Header> headers) {
    String topic = route.topic().name();
    try {
      int size = event.getSerializedSize();
      if (size > zstd.maxEventBytes()) {
        throw Rejections.tooLarge(topic, size, zstd.maxEventBytes());
      }
      return route.record(event, headers);
    } catch (RuntimeException | StackOverflowError e) {
      throw e instanceof PublishRejectedException known
          ? known
          : PublishOutcomes.unencodable(e, NOWHERE, topic);
    }
  }

  /**
   * Makes a tombstone, which deletes a key of a compacted topic.
   *
   * @param message the message of the topic's contract
   * @param key the record key's bytes
   * @return the record
   * @throws io.hermes.ContractException if the message has no contract, or the key is empty
   */
  public ProducerRecord<byte[], byte[]> tombstone(Descriptor message, byte[] key) {
    return route(message).tombstone(key, List.of());
  }

  /** As {@link #tombstone(Descriptor, byte[])}, for one that is observed. */
  public ProducerRecord<byte[], byte[]> tombstone(
      Descriptor message, byte[] key, Consumer<OutgoingEvent> observer) {
    TopicRoute<?> route = route(message);
    return route.tombstone(key, observed(route, null, List.of(), observer));
  }

  private TopicRoute<?> route(Descriptor message) {
    return routes.computeIfAbsent(
        message, unknown -> PublisherStart.route(Topic.of(unknown), zstd));
  }

  /** Frees native memory. */
  @Override
  public void close() {
    routes.values().forEach(TopicRoute::close);
  }
}
