package io.hermes;

import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka record and the event in it. The event is decoded on first access, so a record that cannot
 * be decoded still has its position, headers and bytes.
 *
 * <p>Safe for any thread, as long as nobody modifies the arrays and headers that it returns.
 *
 * @param <M> the event's protobuf type
 */
public final class EventRecord<M extends Message> {

  private final ConsumerRecord<byte[], byte[]> record;
  private final Deserializer<? extends M> deserializer;
  private volatile @Nullable M event; // benign race: decoding twice gives equal events

  private EventRecord(
      ConsumerRecord<byte[], byte[]> record, Deserializer<? extends M> deserializer) {
    this.record = record;
    this.deserializer = deserializer;
  }

  /**
   * Wraps a record from Kafka's consumer.
   *
   * @param record the record
   * @param deserializer decodes its value, on the thread that calls {@link #event()}
   * @param <M> the event's type
   * @return the record with its event
   */
  public static <M extends Message> EventRecord<M> of(
      ConsumerRecord<byte[], byte[]> record, Deserializer<? extends M> deserializer) {
    return new EventRecord<>(record, deserializer);
  }

  /**
   * A record as a publisher would write the event, in partition 0 at offset 0. For unit tests of
   * code that takes records.
   *
   * @param topic the event's topic
   * @param event the event
   * @param <M> the event's type
   * @return the record with its key, headers and plain value
   */
  public static <M extends Message> EventRecord<M> of(Topic<M> topic, M event) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(topic.name(), 0, 0, topic.key(event), event.toByteArray());
    topic.addHeaders(event, record.headers());
    return new EventRecord<>(record, (name, value) -> event);
  }

  /**
   * A producer record as a reader would get it from partition 0, without a timestamp. For tests
   * that keep records instead of writing them.
   *
   * @param written the record
   * @param offset its offset
   * @param deserializer decodes its value, on the thread that calls {@link #event()}
   * @param <M> the event's type
   * @return the record with its event
   */
  public static <M extends Message> EventRecord<M> of(
      ProducerRecord<byte[], byte[]> written, long offset, Deserializer<? extends M> deserializer) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(written.topic(), 0, offset, written.key(), written.value());
    written.headers().forEach(record.headers()::add);
    return new EventRecord<>(record, deserializer);
  }

  /** The topic's name. */
  public String topic() {
    return record.topic();
  }

  /** The partition's number. */
  public int partition() {
    return record.partition();
  }

  /** The record's offset in its partition. */
  public long offset() {
    return record.offset();
  }

  /**
   * When it was published, or appended if the topic uses log append time; millisecond precision.
   */
  public Instant timestamp() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** The key as UTF-8 text; null if the record has none. */
  public @Nullable String key() {
    return record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
  }

  /** The key's bytes, not a copy; null if the record has none. */
  public byte @Nullable [] rawKey() {
    return record.key();
  }

  /** The headers; do not modify them. */
  public Headers headers() {
    return record.headers();
  }

  /** The {@link EventHeaders#EVENT_TYPE} header; null if there is none. */
  public @Nullable String eventType() {
    return EventHeaders.text(record.headers(), EventHeaders.EVENT_TYPE);
  }

  /** The {@link EventHeaders#MESSAGE_TYPE} header; null if there is none. */
  public @Nullable String messageType() {
    return EventHeaders.text(record.headers(), EventHeaders.MESSAGE_TYPE);
  }

  /** The value's bytes as stored in Kafka, not a copy; null for a tombstone. */
  public byte @Nullable [] rawValue() {
    return record.value();
  }

  /** Whether the record has no value, which deletes its key in a compacted topic. */
  public boolean isTombstone() {
    return record.value() == null;
  }

  /**
   * How the value is written.
   *
   * @return {@link Encoding#PLAIN} or {@link Encoding#ZSTD}
   * @throws UndecodableEventException if a header names another encoding
   */
  public Encoding encoding() {
    byte[] value = record.value();
    return value == null ? Encoding.PLAIN : Encoding.of(record.headers(), ByteBuffer.wrap(value));
  }

  /**
   * The event, decoded on the calling thread on first access.
   *
   * @return the event
   * @throws UndecodableEventException if the value is not an event of this type, or is a tombstone;
   *     the message has the position and the reason
   */
  public M event() {
    M decoded = event;
    if (decoded == null) {
      decoded = decode();
      event = decoded;
    }
    return decoded;
  }

  private M decode() {
    if (record.value() == null) {
      throw new UndecodableEventException(position() + " is a tombstone: it has no event.", null);
    }
    try {
      return deserializer.deserialize(record.topic(), record.headers(), record.value());
    } catch (UndecodableEventException e) {
      throw undecodable(e.problem(), e.advice().orElse(null), e);
    } catch (SerializationException e) {
      throw undecodable(e.getMessage(), null, e);
    }
  }

  private UndecodableEventException undecodable(
      @Nullable String why, @Nullable String advice, Exception cause) {
    return new UndecodableEventException(position() + " cannot be decoded: " + why, advice, cause);
  }

  private String position() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }

  /** Position, type and sizes; never the content. */
  @Override
  public String toString() {
    byte[] value = record.value();
    return "EventRecord["
        + position()
        + ", type="
        + eventType()
        + ", "
        + (value == null ? "tombstone" : value.length + " bytes")
        + "]";
  }
}
