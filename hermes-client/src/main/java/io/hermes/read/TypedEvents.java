package io.hermes.read;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
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

  TypedEvents(Collection<? extends Topic<? extends M>> contracts) {
    for (Topic<? extends M> contract : contracts) {
      TypesOfTopic<M> types = topics.computeIfAbsent(contract.name(), TypesOfTopic::new);
      types.byName.put(contract.messageType(), contract.parser());
      types.shared |= contract.isShared();
    }
  }

  @Override
  public M deserialize(String topic, byte[] value) {
    throw new UnsupportedOperationException("The type of a value is in its headers.");
  }

  @Override
  public M deserialize(String topic, Headers headers, byte[] value) {
    TypesOfTopic<M> types = topics.get(topic);
    if (types == null) {
      throw new IllegalArgumentException("This reader does not read " + topic + ".");
    }
    try {
      return types.of(EventHeaders.text(headers, EventHeaders.MESSAGE_TYPE)).parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new UndecodableEventException(e.getMessage() == null ? "damaged" : e.getMessage(), e);
    }
  }

  /** The message types that a reader knows on one topic. */
  private static final class TypesOfTopic<M extends Message> {

    private final String topic;
    private final Map<String, Parser<? extends M>> byName = new TreeMap<>();
    private boolean shared;

    TypesOfTopic(String topic) {
      this.topic = topic;
    }

    Parser<? extends M> of(@Nullable String messageType) {
      if (messageType != null) {
        Parser<? extends M> parser = byName.get(messageType);
        if (parser == null) {
          throw new UndecodableEventException(
              "its "
                  + EventHeaders.MESSAGE_TYPE
                  + " is "
                  + messageType
                  + "; known here: "
                  + known(),
              null);
        }
        return parser;
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
