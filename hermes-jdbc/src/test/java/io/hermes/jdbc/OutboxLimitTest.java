package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.PublishRejectedException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is too large for the relay's producer is rejected before it is in the table. */
@KafkaTest
@Timeout(60)
class OutboxLimitTest {

  private static final int LIMIT = 10_000;

  private final DataSource source =
      H2Test.source("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final Kafka kafka;
  private final Topic<UserEvent> topic;
  private final KafkaSettings settings;

  OutboxLimitTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = Users.topic(kafka, 1);
    this.settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .property("max.request.size", LIMIT)
            .build();
  }

  private static UserEvent event(int bytes) {
    UserEvent small = Users.event("ann", "1");
    return small.toBuilder()
        .setEventId("1" + "x".repeat(bytes - small.getSerializedSize()))
        .build();
  }

  private static List<Header> headers(int number) {
    return Collections.nCopies(number, new RecordHeader("h".repeat(10), new byte[100]));
  }

  private void publish(Outbox outbox, UserEvent event, int headers) throws SQLException {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      outbox.publish(connection, event, headers(headers));
      connection.commit();
    }
  }

  private long rows() throws SQLException {
    try (Connection connection = source.getConnection()) {
      return Users.count(connection, "hermes_outbox");
    }
  }

  @Test
  void theLargestRecordThatTheOutboxTakesIsTheLargestThatItsRelayPublishes() throws Exception {
    try (Outbox outbox = Outbox.builder().topic(topic).maxRecordBytes(LIMIT).build();
        HermesPublisher<UserEvent> publisher =
            HermesPublisher.builder(topic).settings(settings).open()) {
      for (int headers : List.of(0, 20)) {
        int largest = LIMIT;
        while (!isTaken(outbox, event(largest), headers)) {
          largest--;
        }
        assertThat(largest + headers * 110).isGreaterThan(LIMIT - 1_000);
        UserEvent larger = event(largest + 250 + headers * 10);
        assertThatThrownBy(() -> publisher.publish(larger, headers(headers)).get())
            .hasMessageContaining("max.request.size");
      }
      assertThat(rows()).isEqualTo(2);
      try (OutboxRelay relay = OutboxRelay.builder(source).settings(settings).start()) {
        Users.await("all are published or parked", () -> rows() == relay.health().parked());
        assertThat(relay.health().parked()).isZero();
      }
    }
    assertThat(Users.ids(kafka, topic)).hasSize(2);
  }

  private boolean isTaken(Outbox outbox, UserEvent event, int headers) throws SQLException {
    try {
      publish(outbox, event, headers);
      return true;
    } catch (PublishRejectedException e) {
      assertThat(e)
          .hasMessageContaining("the outbox accepts 10000. Publish a smaller event, or raise")
          .returns(false, PublishRejectedException::isRetryable);
      return false;
    }
  }

  @Test
  void theLimitIsKafkasByDefault() throws Exception {
    try (Outbox outbox = Outbox.builder().topic(topic).build()) {
      publish(outbox, event(1_000_000), 0);
      assertThatThrownBy(() -> publish(outbox, event(1 << 20), 0))
          .hasMessageContaining("the outbox accepts 1048576");
    }
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void aLimitBelowOneIsRefused() {
    assertThatThrownBy(() -> Outbox.builder().maxRecordBytes(0))
        .isInstanceOf(SettingsException.class)
        .hasMessage("maxRecordBytes is 0; it must be 1 or more.");
  }
}
