package io.hermes.read;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.kafka.TypesOfTopic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Determines the type of each value from its topic and {@link EventHeaders#MESSAGE_TYPE} header,
 * and decodes it. Safe for any thread.
 */
final class TypedEvents<M extends Message> implements Deserializer<M> {

  private final Map<String, TypesOfTopic<Deserializer<M>>> topics = new HashMap<>();

  /**
   * For a topic that matches the pattern but has no contract of its own: it may carry any of the
   * types.
   */
  private final TypesOfTopic<Deserializer<M>> all = new TypesOfTopic<>();

  TypedEvents(Collection<? extends Topic<? extends M>> contracts, ZstdOptions zstd) {
    for (Topic<? extends M> contract : contracts) {
      Deserializer<M> decoder = new ZstdProtobufDeserializer<>(contract.parser(), zstd);
      topics.computeIfAbsent(contract.name(), name -> new TypesOfTopic<>()).add(contract, decoder);
      all.add(contract, decoder);
    }
  }

  @Override
  public M deserialize(String topic, byte @Nullable [] value) {
    throw new UnsupportedOperationException(
        "The type of a value can only be read from its headers.");
  }

  @Override
  public @Nullable M deserialize(String topic, Headers headers, byte @Nullable [] value) {
    TypesOfTopic<Deserializer<M>> known = topics.getOrDefault(topic, all);
    Deserializer<M> decoder = known.of(headers);
    if (decoder == null) {
      throw refusal(topic, EventHeaders.text(headers, EventHeaders.MESSAGE_TYPE), known);
    }
    return decoder.deserialize(topic, headers, value);
  }

  private static UndecodableEventException refusal(
      String topic, @Nullable String messageType, TypesOfTopic<?> known) {
    return messageType == null
        ? new UndecodableEventException(
            "it has no %s header, and %s carries several types (known here: %s)."
                .formatted(EventHeaders.MESSAGE_TYPE, topic, known),
            "Set the header where the event is published.",
            null)
        : new UndecodableEventException(
            "its %s is %s, but this reader only knows %s."
                .formatted(EventHeaders.MESSAGE_TYPE, messageType, known),
            "Add the contract of that type.",
            null);
  }

  /** Frees the native memory. Events can still be decoded afterwards, but more slowly. */
  @Override
  public void close() {
    topics.values().forEach(types -> types.all().forEach(Deserializer::close));
    all.all().forEach(Deserializer::close);
  }
}
