package io.hermes.read;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the type of each value by topic and {@link EventHeaders#MESSAGE_TYPE} header, and decodes
 * it. Safe for any thread.
 */
final class TypedEvents<M extends Message> implements Deserializer<M> {

  private final Map<String, TypesOfTopic<M>> topics = new HashMap<>();

  TypedEvents(Collection<? extends Topic<? extends M>> contracts, ZstdOptions zstd) {
    for (Topic<? extends M> contract : contracts) {
      TypesOfTopic<M> types = topics.computeIfAbsent(contract.name(), TypesOfTopic::new);
      types.byName.computeIfAbsent(
          contract.messageType(), name -> new ZstdProtobufDeserializer<>(contract.parser(), zstd));
      types.shared |= contract.isShared();
    }
  }

  @Override
  public M deserialize(String topic, byte @Nullable [] value) {
    throw new UnsupportedOperationException("The type of a value is in its headers.");
  }

  @Override
  public @Nullable M deserialize(String topic, Headers headers, byte @Nullable [] value) {
    TypesOfTopic<M> types = topics.get(topic);
    if (types == null) {
      throw new IllegalArgumentException("This reader does not read " + topic + ".");
    }
    return types
        .of(EventHeaders.text(headers, EventHeaders.MESSAGE_TYPE))
        .deserialize(topic, headers, value);
  }

  /** Frees the native memory; events are still decoded after it, more slowly. */
  @Override
  public void close() {
    topics.values().forEach(types -> types.byName.values().forEach(Deserializer::close));
  }

  /** The message types that a reader knows on one topic. */
  private static final class TypesOfTopic<M extends Message> {

    private final String topic;
    private final Map<String, Deserializer<M>> byName = new TreeMap<>();
    private boolean shared;

    TypesOfTopic(String topic) {
      this.topic = topic;
    }

    Deserializer<M> of(@Nullable String messageType) {
      if (messageType != null) {
        Deserializer<M> decoder = byName.get(messageType);
        if (decoder == null) {
          throw new UndecodableEventException(
              "its "
                  + EventHeaders.MESSAGE_TYPE
                  + " is "
                  + messageType
                  + "; known here: "
                  + known(),
              null);
        }
        return decoder;
      }
      if (shared || byName.size() > 1) {
        throw new UndecodableEventException(
            "it has no "
                + EventHeaders.MESSAGE_TYPE
                + " header, and "
                + topic
                + " carries several types; known here: "
                + known(),
            null);
      }
      return byName.values().iterator().next();
    }

    private String known() {
      return String.join(", ", byName.keySet());
    }
  }
}
