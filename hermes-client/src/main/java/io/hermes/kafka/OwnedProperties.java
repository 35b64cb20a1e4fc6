package io.hermes.kafka;

import io.hermes.SettingsException;
import java.util.Map;

/** Kafka's properties that Hermes sets itself, with what rests on each. */
final class OwnedProperties {

  private static final String ORDER = "that no event is lost, doubled or reordered rests on it";
  private static final String COMMITS = "that no record is skipped rests on it";

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry(
              "bootstrap.servers",
              "it is a setting of its own: KAFKA_BROKER in the"
                  + " environment, or bootstrapServers in the program"),
          Map.entry("acks", ORDER),
          Map.entry("enable.idempotence", ORDER),
          Map.entry("retries", ORDER),
          Map.entry("max.in.flight.requests.per.connection", ORDER),
          Map.entry("transactional.id", "Hermes has no transactions"),
          Map.entry(
              "max.block.ms",
              "the deadline of publish rests on it; the publisher's builder has" + " maxWait"),
          Map.entry("delivery.timeout.ms", "the publisher's builder has deliveryTimeout"),
          Map.entry(
              "partitioner.class", "which partition a key is in is part of the wire contract"),
          Map.entry(
              "partitioner.ignore.keys",
              "which partition a key is in is part of the wire" + " contract"),
          Map.entry("key.serializer", "keys come from the topic contract"),
          Map.entry("value.serializer", "values come from the topic contract"),
          Map.entry("key.deserializer", "Hermes reads bytes and decodes them itself"),
          Map.entry("value.deserializer", "Hermes reads bytes and decodes them itself"),
          Map.entry("enable.auto.commit", COMMITS),
          Map.entry("auto.offset.reset", COMMITS + "; the builder says where to start"),
          Map.entry("isolation.level", "aborted records are never handled"),
          Map.entry("allow.auto.create.topics", "a misspelt topic must be an error"),
          Map.entry("group.id", "the subscriber's builder has group"));

  private OwnedProperties() {}

  static void refuse(String name) {
    String reason = REASONS.get(name);
    if (reason != null) {
      throw new SettingsException(
          "The property " + name + " is not for setting: " + reason + ".", null);
    }
  }
}
