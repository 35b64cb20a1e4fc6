package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.EventRecord;
import io.hermes.PublishException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The snippets of docs/integration.md. */
@KafkaTest
class IntegrationGuideTest {

  private final KafkaSettings settings;
  private final LongAdder deadLetters = new LongAdder();
  private final BlockingQueue<String> failed = new LinkedBlockingQueue<>();
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
  void metricsComeFromHealthAndAListener() throws Exception {
    String id = UUID.randomUUID().toString();
    String group = "metrics-" + id;
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.publishAndWait(event(id), ofSeconds(20));
    }
    HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group(group)
            .onError(ErrorPolicy.retry(2).thenDeadLetter())
            .listener(
                new SubscriberListener() {
                  @Override
                  public void deadLettered(EventRecord<?> record, Throwable failure) {
                    deadLetters.increment();
                  }
                })
            .start(this::bill);
    try (subscriber) {
      while (!id.equals(failed.poll(30, SECONDS))) {
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
      long lag = subscriber.health().lag().values().stream().mapToLong(Long::longValue).sum();
      assertThat(lag).isNotNegative();
      subscriber.drain(ofSeconds(20));
    }
    assertThat(deadLetters.sum()).isPositive();
  }

  private void bill(Delivery<UserEvent> delivery) {
    failed.add(delivery.event().getEventId());
    throw new IllegalStateException("no such account");
  }

  @Test
  void kafkasOwnMetricsAreMBeans() throws Exception {
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.publishAndWait(event("measured"), ofSeconds(20));
      ObjectName producers = new ObjectName("kafka.producer:type=producer-metrics,*");
      assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(producers, null))
          .isNotEmpty();
    }
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
