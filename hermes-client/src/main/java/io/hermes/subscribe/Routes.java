package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.TypesOfTopic;
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

/** Finds the handler of a record by its topic and its type. Immutable once built. */
final class Routes {

  private static final Route IGNORE = new Route.Ignore();

  private final Map<String, TypesOfTopic<Type>> byTopic;
  private final TypesOfTopic<Type> all;
  private final List<Type> types;
  private final byte[] group;
  private final boolean ignoreOtherTypes;

  private Routes(Builder builder) {
    this.types = List.copyOf(builder.types.values());
    this.byTopic = new HashMap<>();
    this.all = new TypesOfTopic<>();
    for (Type type : types) {
      byTopic
          .computeIfAbsent(type.topic.name(), name -> new TypesOfTopic<>())
          .add(type.topic, type);
      all.add(type.topic, type);
    }
    this.group = builder.group.getBytes(StandardCharsets.UTF_8);
    this.ignoreOtherTypes = builder.ignoreOtherTypes;
  }

  /** The record's route; null if there is none: see {@link #refusal} for the reason. */
  @Nullable Route find(ConsumerRecord<byte[], byte[]> record) {
    if (isForAnotherGroup(record)) {
      return IGNORE;
    }
    // All types are possible on a topic of no contract, which was named or matches the pattern.
    TypesOfTopic<Type> known = byTopic.getOrDefault(record.topic(), all);
    boolean tombstone = record.value() == null;
    Type type = known.of(record.headers());
    if (type != null) {
      return tombstone ? type.ofTombstone() : type.ofEvent();
    }
    if (TypesOfTopic.isNamed(record.headers())) {
      return ignoreOtherTypes || tombstone ? IGNORE : null;
    }
    return tombstone ? unnamedTombstone(known) : null;
  }

  /** Why a record has no route. */
  static UndecodableEventException refusal(ConsumerRecord<byte[], byte[]> record) {
    String name = EventHeaders.text(record.headers(), EventHeaders.MESSAGE_TYPE);
    return name == null
        ? new UndecodableEventException(
            "%s has no %s header, but several types share its topic, so its type is unknown."
                .formatted(position(record), EventHeaders.MESSAGE_TYPE),
            "Set the header where the event is published.",
            null)
        : new UndecodableEventException(
            "%s is a %s, which has no handler.".formatted(position(record), shorten(name)),
            "Register one, or call ignoreOtherTypes().",
            null);
  }

  /** A tombstone needs no decoder, so the only handler takes it; null if there are several. */
  private static @Nullable Route unnamedTombstone(TypesOfTopic<Type> known) {
    List<Type> takers = known.all().stream().filter(type -> type.tombstone != null).toList();
    if (takers.isEmpty()) {
      return IGNORE;
    }
    return takers.size() == 1 ? takers.get(0).ofTombstone() : null;
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
    return byTopic.getOrDefault(topic, all).all().stream()
        .anyMatch(type -> type.event instanceof Route.Batch);
  }

  /** Frees the deserializers' resources. A deserializer in use still works afterwards. */
  void close() {
    for (Type type : types) {
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
    private @Nullable Route event;
    private @Nullable Route tombstone;

    private Type(Topic<?> topic) {
      this.topic = topic;
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
      return new Routes(this);
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
