package io.hermes.kafka;

import io.hermes.SettingsException;
import java.util.Map;

/** Kafka properties that Hermes sets itself, with the reason for each. */
final class OwnedProperties {

  /** The guarantees of every producer depend on these. */
  static final Map<String, Object> PRODUCER =
      Map.of("acks", "all", "enable.idempotence", true, "max.in.flight.requests.per.connection", 5);

  /** The guarantees of every consumer depend on these. */
  static final Map<String, Object> CONSUMER =
      Map.of(
          "enable.auto.commit",
          false,
          "auto.offset.reset",
          "none",
          "isolation.level",
          "read_committed",
          "allow.auto.create.topics",
          false);

  private static final String ORDER =
      "Hermes relies on it so that no event is lost, duplicated or reordered";
  private static final String COMMITS = "Hermes relies on it so that no record is skipped";

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry(
              "bootstrap.servers",
              "set KAFKA_BROKER in the environment, or bootstrapServers in the program"),
          Map.entry("acks", ORDER),
          Map.entry("enable.idempotence", ORDER),
          Map.entry("retries", ORDER),
          Map.entry("max.in.flight.requests.per.connection", ORDER),
          Map.entry(
              "transactional.id",
              "TransactionalPublisher and pipes choose one that no other instance has"),
          Map.entry(
              "max.block.ms",
              "the deadline of publish depends on it; set maxWait in the publisher's builder"),
          Map.entry("delivery.timeout.ms", "set deliveryTimeout in the publisher's builder"),
          Map.entry("partitioner.class", "the partition of a key is part of the wire contract"),
          Map.entry(
              "partitioner.ignore.keys", "the partition of a key is part of the wire contract"),
          Map.entry("key.serializer", "keys are defined by the topic contract"),
          Map.entry("value.serializer", "values are defined by the topic contract"),
          Map.entry("key.deserializer", "Hermes reads bytes and decodes them itself"),
          Map.entry("value.deserializer", "Hermes reads bytes and decodes them itself"),
          Map.entry("enable.auto.commit", COMMITS),
          Map.entry("auto.offset.reset", COMMITS + "; set the start position in the builder"),
          Map.entry("isolation.level", "records of aborted transactions are never handled"),
          Map.entry("allow.auto.create.topics", "a misspelled topic must be an error"),
          Map.entry("group.id", "set group in the subscriber's builder"));

  private OwnedProperties() {}

  static void refuse(String name) {
    String reason = REASONS.get(name);
    if (reason != null) {
      throw new SettingsException(
          "The property " + name + " cannot be set directly: " + reason + ".", null);
    }
  }
}
