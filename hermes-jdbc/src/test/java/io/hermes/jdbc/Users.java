package io.hermes.jdbc;

import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testkit.Kafka;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Events for tests, what is on their topic, and what is in a table. */
final class Users {

  private Users() {}

  static Topic<UserEvent> topic(Kafka kafka, int partitions) {
    return Topic.builder(UserEvent.class, kafka.uniqueTopic("user.events", partitions))
        .keyField("user_id")
        .typeField("event_type")
        .build();
  }

  /** An event of a user; its id is the text. */
  static UserEvent event(String user, String id) {
    return UserEvent.newBuilder()
        .setEventId(id)
        .setUserId(user)
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  static UserEvent event(String user) {
    return event(user, UUID.randomUUID().toString());
  }

  /** What is on the topic now. */
  static List<EventRecord<UserEvent>> read(Kafka kafka, Topic<UserEvent> topic) {
    List<EventRecord<UserEvent>> records = new ArrayList<>();
    try (var reader =
        HermesReader.builder(topic)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .toEnd()
            .open()) {
      reader.forEach(records::add);
    }
    return records;
  }

  static List<String> ids(Kafka kafka, Topic<UserEvent> topic) {
    return read(kafka, topic).stream().map(record -> record.event().getEventId()).toList();
  }

  static long count(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT COUNT(*) FROM " + table);
        ResultSet results = statement.executeQuery()) {
      results.next();
      return results.getLong(1);
    }
  }

  static void await(String what, Callable<Boolean> reached) throws Exception {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!reached.call()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("Not within 60 s: " + what);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
