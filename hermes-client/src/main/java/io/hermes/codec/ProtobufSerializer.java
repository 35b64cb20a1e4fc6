package io.hermes.codec;

import com.google.protobuf.Message;
import io.hermes.Encoding;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Serializes events as plain protobuf messages and removes the header {@code content-encoding},
 * which a record may have inherited from the record that it was created from.
 *
 * <p>If configured by class name ({@code value.serializer}), it reads the optional key {@code
 * hermes.max.event.bytes}: the largest event in bytes; default 16 MiB.
 *
 * <p>Safe for any thread. Has no resources to close.
 *
 * @param <M> the events' type
 */
public final class ProtobufSerializer<M extends Message> implements Serializer<M> {

  private volatile ValueWriter writer = new ValueWriter(Encoding.PLAIN, ZstdOptions.defaults());

  /** A serializer for events up to 16 MiB. */
  public ProtobufSerializer() {}

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    int maxEventBytes = SerdeConfig.of(configs, isKey).maxEventBytes();
    writer =
        new ValueWriter(Encoding.PLAIN, ZstdOptions.builder().maxEventBytes(maxEventBytes).build());
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable M event) {
    return writer.write(null, event);
  }

  /**
   * The plain value.
   *
   * @param headers the record's headers; content-encoding is removed from them
   * @param event null for a tombstone
   * @throws org.apache.kafka.common.errors.RecordTooLargeException if it exceeds the limit
   * @throws org.apache.kafka.common.errors.SerializationException if no reader could decode it,
   *     because it is nested more than 100 levels deep or lacks required fields
   */
  @Override
  public byte @Nullable [] serialize(String topic, Headers headers, @Nullable M event) {
    return writer.write(headers, event);
  }
}
