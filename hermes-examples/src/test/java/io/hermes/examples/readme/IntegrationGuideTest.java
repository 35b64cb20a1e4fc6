package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.PublishException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The snippets of docs/integration.md. */
@KafkaTest
class IntegrationGuideTest {

  private final KafkaSettings settings;
  private final Outbox outbox = new Outbox();

  IntegrationGuideTest(Kafka kafka) {
    settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  @BeforeEach
  void createTopic() {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(Topic.of(UserEvent.class));
    }
  }

  private static UserEvent event(String id) {
    return UserEvent.newBuilder().setEventId(id).setUserId("user-123").build();
  }

  @Test
  void anOutboxKeepsWhatHasNoReceipt() {
    outbox.rows.add(new Row(1, event("outbox-1")));
    outbox.rows.add(new Row(2, event("outbox-2")));
    var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open();
    try (publisher) {
      relay(publisher);
      assertThat(outbox.rows).isEmpty();
    }
    outbox.rows.add(new Row(3, event("outbox-3")));
    assertThatThrownBy(() -> relay(publisher)).isInstanceOf(PublishException.class);
    assertThat(outbox.rows).extracting(Row::id).containsExactly(3L);
  }

  void relay(HermesPublisher<UserEvent> publisher) {
    for (Row row : outbox.oldest(500)) { // SELECT ... ORDER BY id LIMIT 500
      publisher.publishAndWait(row.event(), ofSeconds(30)); // throws without a receipt
      outbox.delete(row.id());
    }
  }

  private record Row(long id, UserEvent event) {}

  /** Stands for a table of a database. */
  private static final class Outbox {

    private final List<Row> rows = new ArrayList<>();

    List<Row> oldest(int limit) {
      return rows.stream().limit(limit).toList();
    }

    void delete(long id) {
      rows.removeIf(row -> row.id() == id);
    }
  }
}
