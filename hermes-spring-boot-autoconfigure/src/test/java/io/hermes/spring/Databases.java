package io.hermes.spring;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testkit.Kafka;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/** Application contexts with a database. */
final class Databases {

  private Databases() {}

  /** A database in memory that only this test has. */
  static String url() {
    return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=300";
  }

  /** The context with a database, whose tables are created, and with its auto-configuration. */
  static ApplicationContextRunner with(ApplicationContextRunner context) {
    return without(context)
        .withPropertyValues("hermes.outbox.create-tables=true", "hermes.inbox.create-tables=true");
  }

  /** The same without tables. */
  static ApplicationContextRunner without(ApplicationContextRunner context) {
    return context
        .withPropertyValues("spring.datasource.url=" + url())
        .withConfiguration(
            AutoConfigurations.of(
                DataSourceAutoConfiguration.class,
                DataSourceTransactionManagerAutoConfiguration.class,
                TransactionAutoConfiguration.class,
                JdbcTemplateAutoConfiguration.class,
                JdbcClientAutoConfiguration.class,
                HermesJdbcAutoConfiguration.class));
  }

  /** The users of the events that are on the topic now. */
  static List<String> users(Kafka kafka, String prefix) {
    List<String> users = new ArrayList<>();
    try (var reader =
        HermesReader.builder(UserEvent.class)
            .settings(
                KafkaSettings.builder()
                    .bootstrapServers(kafka.bootstrapServers())
                    .topicPrefix(prefix)
                    .build())
            .toEnd()
            .open()) {
      reader.forEach(
          record -> users.add(record.isTombstone() ? record.key() : record.event().getUserId()));
    }
    return users;
  }

  static UserEvent event(String user) {
    return event(user, UUID.randomUUID().toString());
  }

  static UserEvent event(String user, String id) {
    return Services.event(user).toBuilder().setEventId(id).build();
  }
}
