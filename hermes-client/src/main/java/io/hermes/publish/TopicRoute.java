package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.ContractException;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufSerializer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Converts events of one type to records. Safe for any thread. */
final class TopicRoute<M extends Message> {

  private static final Set<String> CONTRACT_HEADERS =
      Set.of(EventHeaders.EVENT_TYPE, EventHeaders.MESSAGE_TYPE, EventHeaders.CONTENT_ENCODING);

  static final byte[] NO_KEY = {};

  private final Topic<M> topic;
  private final Serializer<M> serializer;
  private final int maxEventBytes;
  private final Destination destination;

  TopicRoute(Topic<M> topic, ZstdOptions zstd) {
    this.topic = topic;
    this.serializer = new ZstdProtobufSerializer<>(topic.encoding(), zstd);
    this.maxEventBytes = zstd.maxEventBytes();
    this.destination = new Destination(topic.name());
  }

  Topic<M> topic() {
    return topic;
  }

  Destination destination() {
    return destination;
  }

  /**
   * The size in bytes of an event before compression, or of a tombstone's key.
   *
   * @param event null for a tombstone
   * @param key the key of a tombstone
   * @throws io.hermes.PublishRejectedException if readers accept no event of that size
   */
  int size(@Nullable Message event, byte[] key) {
    int size = event == null ? key.length : event.getSerializedSize();
    if (event != null && size > maxEventBytes) {
      throw Rejections.tooLarge(topic.name(), size, maxEventBytes);
    }
    return size;
  }

  /** Creates the record of an event, or the tombstone of a key if the event is null. */
  ProducerRecord<byte[], byte[]> record(
      @Nullable Message event, byte[] key, Iterable<Header> headers) {
    return event == null ? tombstone(key, headers) : record(event, headers);
  }

  /**
   * Creates the record: key, headers and value of the contract, and the caller's headers.
   *
   * @throws io.hermes.HermesException if the contract refuses the event
   */
  ProducerRecord<byte[], byte[]> record(Message event, Iterable<Header> extraHeaders) {
    size(event, NO_KEY);
    @SuppressWarnings("unchecked") // routes are found by the event's own descriptor
    M typed = (M) event;
    byte[] key = topic.key(typed);
    // Kafka sets the timestamp when it accepts the record.
    Draft record = new Draft(topic.name(), key);
    Headers headers = record.headers();
    if (!(extraHeaders instanceof Collection<?> some && some.isEmpty())) { // as nearly always
      copy(extraHeaders, headers);
    }
    topic.addHeaders(typed, headers);
    record.encoded = serializer.serialize(topic.name(), headers, typed);
    return record;
  }

  /** Creates a record that deletes a key of a compacted topic. */
  ProducerRecord<byte[], byte[]> tombstone(byte[] key, Iterable<Header> headers) {
    if (key.length == 0) {
      throw new ContractException("A tombstone for " + topic.name() + " needs a key.");
    }
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic.name(), key, null);
    headers.forEach(record.headers()::add);
    record
        .headers()
        .add(EventHeaders.MESSAGE_TYPE, topic.messageType().getBytes(StandardCharsets.UTF_8));
    return record;
  }

  /**
   * Reads each header once. Kafka would read it again while it writes a batch; a header that throws
   * then, or has become longer, would leave half a record among other events.
   */
  private static void copy(Iterable<Header> from, Headers to) {
    for (Header header : from) {
      String name = header.key();
      refuseReserved(name);
      to.add(name, header.value());
    }
  }

  /** Refuses the name of a header that only Hermes may write. */
  static void refuseReserved(String header) {
    if (CONTRACT_HEADERS.contains(header)) {
      throw new ContractException(
          "The header " + header + " is reserved for the contract.", "Choose another name.");
    }
    if (header.equals(EventHeaders.REDRIVE_GROUP)) {
      throw new ContractException(
          "With the header "
              + EventHeaders.REDRIVE_GROUP
              + " every group except one would skip the event.",
          "Leave it out, also when you copy the headers of another record.");
    }
  }

  /**
   * A record whose value is set after its headers, since the serializer adds a header. Kafka's own
   * class would have to be created twice, headers included.
   */
  private static final class Draft extends ProducerRecord<byte[], byte[]> {

    private byte @Nullable [] encoded;

    Draft(String topic, byte @Nullable [] key) {
      super(topic, null, null, key, null, null);
    }

    @Override
    public byte @Nullable [] value() {
      return encoded;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  void close() {
    serializer.close();
  }
}
