package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

@KafkaTest
@SuppressWarnings("try") // a subscriber that only runs
class DeadLetterTest {

  @Test
  void thatCannotBeWrittenIsNotCommittedAndIsWrittenOnceItCan(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String letters = DeadLetterHeaders.topicOf(users.topic().name());
      kafka.createTopic(letters, 1, Map.of("max.message.bytes", "100"));
      UserEvent event = Users.event("user-1", 1).toBuilder().setEventId("x".repeat(3000)).build();
      users.send(users.record("user-1", event.toByteArray())).get();
      users.send("user-2", 2).get();
      users.send("user-1", 3).get();
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retry(1))
              .start(
                  delivery -> {
                    handled.incrementAndGet();
                    if (delivery.event().getEventId().length() > 1) {
                      throw new IllegalStateException("too long");
                    }
                  })) {
        Await.until("health says so", () -> !subscriber.health().isHealthy());
        assertThat(subscriber.health().fault()).contains(letters, "waits, at offset 0");
        Await.until("it is counted", () -> subscriber.health().waitingDeadLetters() == 1);
        Await.until("the other key goes on", () -> handled.get() == 2);
        assertThat(users.committedSum()).isZero();
        allow(kafka, letters);
        Await.until("all committed", () -> users.committedSum() == 3);
        Await.until("healthy again", () -> subscriber.health().isHealthy());
      }
      assertThat(handled).hasValue(3);
      assertThat(users.deadLetters()).hasSize(1);
      assertThat(users.deadLetters().get(0).value()).isEqualTo(event.toByteArray());
    }
  }

  @Test
  void oneThatIsWrittenDoesNotEndTheFaultOfOneThatIsNot(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String letters = DeadLetterHeaders.topicOf(users.topic().name());
      kafka.createTopic(letters, 1, Map.of("max.message.bytes", "4000"));
      byte[] random = new byte[10_000];
      new Random(1).nextBytes(random);
      users.send(users.record("user-1", random)).get();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retry(1))
              .start(
                  delivery -> {
                    throw new IllegalStateException("never");
                  })) {
        Await.until("at fault", () -> !subscriber.health().isHealthy());
        for (int user = 2; user < 12; user++) {
          users.send("user-" + user, user).get();
        }
        Await.until("the others are written", () -> subscriber.health().counts().handled() == 10);
        assertThat(subscriber.health().fault()).contains(letters, "waits, at offset 0");
      }
    }
  }

  @Test
  void itsFaultGoesWithItsPartitionToAnotherMember(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      String name = users.topic().name();
      kafka.createTopic(DeadLetterHeaders.topicOf(name), 1, Map.of("max.message.bytes", "100"));
      // Larger than a batch: kafka-clients 4.1 would not split a batch of two (KAFKA-8350).
      byte[] value =
          Users.event("user-1", 1).toBuilder().setEventId("x".repeat(20_000)).build().toByteArray();
      for (int partition = 0; partition < 2; partition++) {
        users.send(new ProducerRecord<>(name, partition, Users.bytes("user-1"), value)).get();
      }
      SubscriberBuilder<UserEvent> builder =
          users
              .subscriber()
              .drainTimeout(Duration.ofMillis(100))
              .onError(ErrorPolicy.retry(1))
              .on(
                  users.topic(),
                  delivery -> {
                    throw new IllegalStateException("too long");
                  });
      try (HermesSubscriber first = builder.start()) {
        Await.until("both", () -> partitionsAtFault(first).size() == 2);
        try (HermesSubscriber second = builder.start()) {
          for (HermesSubscriber member : List.of(first, second)) {
            Await.until("one each", () -> member.health().assigned().size() == 1);
            Await.until(
                "its own", () -> partitionsAtFault(member).equals(member.health().assigned()));
          }
        }
      }
    }
  }

  private static Set<TopicPartition> partitionsAtFault(HermesSubscriber subscriber) {
    return subscriber.health().faults().stream()
        .flatMap(fault -> fault.partition().stream())
        .collect(Collectors.toSet());
  }

  private static void allow(Kafka kafka, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      AlterConfigOp larger =
          new AlterConfigOp(
              new ConfigEntry("max.message.bytes", "1000000"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(larger))).all().get();
    }
  }

  @Test
  void headersOfARecordThatDiesAgainDoNotGrow() {
    TopicPartition id = new TopicPartition("users", 0);
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("users", 0, 5, Users.bytes("key"), Users.bytes("value"));
    record.headers().add("own", Users.bytes("1"));
    record.headers().add(DeadLetterHeaders.MESSAGE, Users.bytes("forged".repeat(10_000)));
    record.headers().add(DeadLetterHeaders.ATTEMPTS, Users.bytes("99"));
    record.headers().add(DeadLetterHeaders.REDRIVE_GROUP, Users.bytes("other"));
    record.headers().add(DeadLetterHeaders.REDRIVE_COUNT, Users.bytes("2"));
    Partition partition =
        new Partition(new Assignment(id, 1, Thread.currentThread()), null, 0, null);
    Throwable failure = new IllegalStateException("ü".repeat(5000));
    ProducerRecord<byte[], byte[]> letter =
        DeadLetterRecord.of(new WorkItem(record, partition, 0), failure, "group");
    assertThat(letter.headers().toArray()).hasSize(10);
    assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.REDRIVE_COUNT)).isEqualTo("2");
    assertThat(letter.headers()).allMatch(header -> header.value().length <= 1024);
    assertThat(EventHeaders.text(letter.headers(), "own")).isEqualTo("1");
    assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.ATTEMPTS)).isEqualTo("1");
    assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.MESSAGE))
        .startsWith("üü")
        .endsWith("ü...");
  }

  @Test
  void aRecordRedrivenForAnotherGroupIsAckedUnhandled(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      for (String group : List.of("some-other-group", users.group())) {
        ProducerRecord<byte[], byte[]> record =
            users.record("user-1", Users.event("user-1", 1).toByteArray());
        record.headers().add(DeadLetterHeaders.REDRIVE_GROUP, Users.bytes(group));
        users.send(record).get();
      }
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber subscriber = users.subscriber().start(d -> handled.incrementAndGet())) {
        Await.until("committed", () -> users.committedSum() == 2);
        assertThat(subscriber.health().counts().ignored()).isEqualTo(1);
      }
      assertThat(handled).hasValue(1);
    }
  }

  @Test
  void aPolicyStopsRetryingAfterItsTime() throws Exception {
    ErrorPolicy policy = ErrorPolicy.retryForever().within(Duration.ofSeconds(1)).thenSkip();
    Throwable failure = new IllegalStateException();
    assertThat(policy.decide(failure, 100, 999_999_999L)).isEqualTo(Decision.RETRY);
    assertThat(policy.decide(failure, 100, 1_000_000_000L)).isEqualTo(Decision.SKIP);
    assertThat(policy.decide(new AssertionError(), 1, 0)).isEqualTo(Decision.STOP);
    ErrorPolicy classified = policy.on(IllegalStateException.class, Decision.DEAD_LETTER);
    assertThat(classified.decide(failure, 1, 0)).isEqualTo(Decision.DEAD_LETTER);
    for (int attempt = 1; attempt < 200; attempt++) {
      assertThat(policy.backoffNs(attempt)).isBetween(50_000_000L, 10_000_000_000L);
    }
  }
}
