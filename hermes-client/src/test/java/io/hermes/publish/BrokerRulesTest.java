package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a broker does not take, or takes slowly. */
@KafkaTest
@Timeout(60)
class BrokerRulesTest {

  private final Kafka kafka;

  BrokerRulesTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aTimestampThatTheBrokerRefusesIsRejectedAndTheClockIsNamed() {
    String name = "user.events-" + UUID.randomUUID();
    kafka.createTopic(name, 1, Map.of("message.timestamp.before.max.ms", "1"));
    Topic<UserEvent> topic = Events.topic(name);
    // It waits longer than that in its batch: as if this machine's clock were slow.
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("linger.ms", 50)
            .build();
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      assertThatThrownBy(
              () -> publisher.publishAndWait(Events.login("u", 1), Duration.ofSeconds(10)))
          .isInstanceOf(PublishRejectedException.class)
          .hasMessageContaining("Correct this machine's clock")
          .hasRootCauseInstanceOf(InvalidTimestampException.class);
    }
    assertThat(RawRecords.readAll(kafka, name)).isEmpty();
  }

  @Test
  void oneInvalidEventIsRejectedForGoodAndTheOthersOfItsBatchMayBePublishedAgain() {
    String name = "user.events-" + UUID.randomUUID();
    kafka.createTopic(name, 1, Map.of("cleanup.policy", "compact"));
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, name).keyField("user_id").spreadEmptyKeys().build();
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("linger.ms", 2_000) // flush ends it: all of them are in one batch
            .build();
    List<UserEvent> events = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      events.add(Events.login(i == 4 ? "" : "user-" + i, i));
    }
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      List<CompletableFuture<Receipt>> receipts = events.stream().map(publisher::publish).toList();
      publisher.flush(Duration.ofSeconds(10));
      for (int i = 0; i < events.size(); i++) {
        int number = i;
        assertThat(receipts.get(i))
            .failsWithin(Duration.ZERO)
            .withThrowableThat()
            .havingCause()
            .isInstanceOfSatisfying(
                PublishRejectedException.class,
                e -> assertThat(e.isRetryable()).isEqualTo(number != 4))
            .withMessageContaining(i == 4 ? "key" : "Another event of its batch is invalid");
      }
      assertThat(RawRecords.readAll(kafka, name)).isEmpty();
      events.remove(4);
      assertThat(events.stream().map(publisher::publish))
          .allSatisfy(receipt -> assertThat(receipt).succeedsWithin(Duration.ofSeconds(10)));
    }
    assertThat(RawRecords.readAll(kafka, name)).hasSize(9);
  }

  /** Not with kafka-clients 4.1, which sends it again as it is (KAFKA-8350). */
  @Test
  void aBatchLargerThanItsTopicTakesIsSplit() {
    String name = "user.events-" + UUID.randomUUID();
    kafka.createTopic(name, 1, Map.of("max.message.bytes", "60000"));
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("linger.ms", 2_000) // flush ends it: all of them are in one batch
            .property("batch.size", 1 << 20)
            .build();
    try (var publisher = HermesPublisher.builder(Events.topic(name)).settings(settings).open()) {
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        receipts.add(publisher.publish(large(i)));
      }
      publisher.flush(Duration.ofSeconds(30));
      assertThat(receipts).allSatisfy(receipt -> assertThat(receipt).isCompleted());
    }
    assertThat(RawRecords.readAll(kafka, name)).hasSize(10);
  }

  @Tag("full")
  @Test
  void aBrokerThatThrottlesMakesCallersWaitAndLosesNothing() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    String client = "throttled-" + topic.name();
    limitBytesPerSecond(client + "-publisher-1", 50_000);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("client.id", client)
            .build();
    List<CompletableFuture<Receipt>> accepted = new ArrayList<>();
    int refused = 0;
    long startNs = System.nanoTime();
    try (var publisher =
        HermesPublisher.builder(topic)
            .settings(settings)
            .maxInFlight(5, 1 << 20)
            .maxWait(Duration.ofMillis(200))
            .open()) {
      for (int i = 0; i < 25; i++) {
        CompletableFuture<Receipt> receipt = publisher.publish(large(i));
        if (receipt.isCompletedExceptionally()) {
          assertThatThrownBy(receipt::join)
              .hasCauseInstanceOf(PublishRejectedException.class)
              .hasMessageContaining("No room within 200 ms: 5 records");
          refused++;
        } else {
          accepted.add(receipt);
        }
      }
      publisher.flush(Duration.ofSeconds(30));
    }
    assertThat(refused).isPositive();
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(accepted).allSatisfy(receipt -> assertThat(receipt).isCompleted());
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(25 - refused);
  }

  /** 50 kB that nothing makes smaller. */
  private static UserEvent large(int number) {
    byte[] noise = new byte[37_500];
    new Random(number).nextBytes(noise);
    String text = Base64.getEncoder().encodeToString(noise);
    return Events.login("u", number).toBuilder()
        .setData(UserEvent.Data.newBuilder().putMetadata("noise", text))
        .build();
  }

  private void limitBytesPerSecond(String client, double bytes) throws Exception {
    ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
    ClientQuotaAlteration.Op limit = new ClientQuotaAlteration.Op("producer_byte_rate", bytes);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(limit))))
          .all()
          .get(10, TimeUnit.SECONDS);
    }
  }
}
