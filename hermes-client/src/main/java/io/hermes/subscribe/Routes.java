package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.kafka.ClusterNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handler of a record by its topic and its message-type header. Immutable once built.
 *
 * <p>Without the header, the topic's only contract applies. On a shared topic, or if the subscriber
 * has several types for one topic, a record without the header is undecodable.
 */
final class Routes {

  private static final Route IGNORE = new Route.Ignore();

  private final Map<String, List<Type>> byTopic;
  private final List<Type> all;
  private final byte[] group;
  private final boolean ignoreOtherTypes;

  private Routes(Map<String, List<Type>> byTopic, List<Type> all, Builder builder) {
    this.byTopic = byTopic;
    this.all = all;
    this.group = builder.group.getBytes(StandardCharsets.UTF_8);
    this.ignoreOtherTypes = builder.ignoreOtherTypes;
  }

  /** The record's route; null if there is none: see {@link #refusal} for the reason. */
  @Nullable Route find(ConsumerRecord<byte[], byte[]> record) {
    if (isForAnotherGroup(record)) {
      return IGNORE;
    }
    // All types are possible on a topic of no contract, which was named or matches the pattern.
    List<Type> types = byTopic.getOrDefault(record.topic(), all);
    Header header = record.headers().lastHeader(EventHeaders.MESSAGE_TYPE);
    byte[] name = header == null ? null : header.value();
    boolean tombstone = record.value() == null;
    if (name == null) {
      return unnamed(types, tombstone);
    }
    for (Type type : types) {
      if (Arrays.equals(type.name, name)) {
        return tombstone ? type.ofTombstone() : type.ofEvent();
      }
    }
    if (ignoreOtherTypes || tombstone) {
      return IGNORE;
    }
    return null;
  }

  /** Why a record has no route. */
  static UndecodableEventException refusal(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(EventHeaders.MESSAGE_TYPE);
    byte[] name = header == null ? null : header.value();
    return name == null
        ? new UndecodableEventException(
            "%s has no %s header, but several types share its topic, so its type is unknown."
                .formatted(position(record), EventHeaders.MESSAGE_TYPE),
            "Set the header where the event is published.",
            null)
        : new UndecodableEventException(
            "%s is a %s, which has no handler."
                .formatted(position(record), shorten(new String(name, StandardCharsets.UTF_8))),
            "Register one, or call ignoreOtherTypes().",
            null);
  }

  private static @Nullable Route unnamed(List<Type> types, boolean tombstone) {
    if (types.size() == 1 && !types.get(0).topic.isShared()) {
      Type only = types.get(0);
      return tombstone ? only.ofTombstone() : only.ofEvent();
    }
    if (tombstone) {
      List<Type> takers = types.stream().filter(type -> type.tombstone != null).toList();
      if (takers.size() <= 1) {
        return takers.isEmpty() ? IGNORE : takers.get(0).ofTombstone();
      }
    }
    return null;
  }

  private boolean isForAnotherGroup(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(DeadLetterHeaders.REDRIVE_GROUP);
    return header != null && !Arrays.equals(header.value(), group);
  }

  private static String position(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }

  private static String shorten(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "..." : text;
  }

  /** Whether a batch handler takes records of this topic, so that a partition is one queue. */
  boolean hasBatches(String topic) {
    return byTopic.getOrDefault(topic, all).stream()
        .anyMatch(type -> type.event instanceof Route.Batch);
  }

  /** Frees the deserializers' resources. A deserializer in use still works afterwards. */
  void close() {
    for (Type type : all) {
      close(type.event);
      close(type.tombstone);
    }
  }

  private static void close(@Nullable Route route) {
    if (route instanceof Route.Single<?> single) {
      single.decoder().close();
    } else if (route instanceof Route.Async<?> async) {
      async.decoder().close();
    } else if (route instanceof Route.Batch<?> batch) {
      batch.decoder().close();
    }
  }

  static final class Type {

    private final Topic<?> topic;
    private final byte[] name;
    private @Nullable Route event;
    private @Nullable Route tombstone;

    private Type(Topic<?> topic) {
      this.topic = topic;
      this.name = topic.messageType().getBytes(StandardCharsets.UTF_8);
    }

    private Route ofTombstone() {
      return tombstone == null ? IGNORE : tombstone;
    }

    private Route ofEvent() {
      return event == null ? IGNORE : event; // the builder has checked that other types are ignored
    }
  }

  /** Builds routes. */
  static final class Builder {

    private final Map<String, Type> types = new LinkedHashMap<>(); // by topic and message
    private final ClusterNames names;
    private String group = "";
    private boolean ignoreOtherTypes;

    Builder(ClusterNames names) {
      this.names = names;
    }

    <M extends Message> void event(Topic<M> topic, Route route) {
      Type type = type(topic);
      if (type.event != null) {
        throw new SettingsException(topic + " has two handlers; only one is allowed.", null);
      }
      type.event = route;
    }

    <M extends Message> void tombstone(Topic<M> topic, Route route) {
      Type type = type(topic);
      if (type.tombstone != null) {
        throw new SettingsException(
            topic + " has two tombstone handlers; only one is allowed.", null);
      }
      type.tombstone = route;
    }

    private Type type(Topic<?> given) {
      Topic<?> topic = names.topic(given);
      return types.computeIfAbsent(
          topic.name() + " " + topic.messageType(), name -> new Type(topic));
    }

    void ignoreOtherTypes() {
      ignoreOtherTypes = true;
    }

    List<Topic<?>> topics() {
      List<Topic<?>> topics = new ArrayList<>();
      types.values().forEach(type -> topics.add(type.topic));
      return topics;
    }

    Routes build(String subscriberGroup) {
      types.values().forEach(this::requireEventHandler);
      this.group = subscriberGroup;
      Map<String, List<Type>> byTopic = new HashMap<>();
      types
          .values()
          .forEach(
              type ->
                  byTopic.computeIfAbsent(type.topic.name(), name -> new ArrayList<>()).add(type));
      return new Routes(byTopic, List.copyOf(types.values()), this);
    }

    /** Without a handler, every event of the type would fail, and usually be dead-lettered. */
    private void requireEventHandler(Type type) {
      if (type.event == null && !ignoreOtherTypes) {
        throw new SettingsException(
            type.topic.messageType()
                + " has a tombstone handler, but none for its events, which would all fail.",
            "Add one with on(type, handler), or call ignoreOtherTypes().",
            null);
      }
    }
  }
}
