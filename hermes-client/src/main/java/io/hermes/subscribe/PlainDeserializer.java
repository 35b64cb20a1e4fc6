package io.hermes.subscribe;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.UndecodableEventException;
import org.apache.kafka.common.serialization.Deserializer;

/** Decodes plain protobuf. Immutable. */
final class PlainDeserializer<M extends Message> implements Deserializer<M> {

  private final Parser<M> parser;

  PlainDeserializer(Parser<M> parser) {
    this.parser = parser;
  }

  @Override
  public M deserialize(String topic, byte[] value) {
    try {
      return parser.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new UndecodableEventException(String.valueOf(e.getMessage()), e);
    }
  }
}
