package io.hermes.cli.dlt;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.cli.Letters;
import io.hermes.cli.Records;
import io.hermes.cli.Run;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Dead letters from a handler that fails to the handler that has them at last. */
@KafkaTest
class DltSubscriberTest {

  private static final int EVENTS = 6;

  @Test
  void lettersGoBackToTheirGroupAloneInTheirOrder(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 2);
    publish(kafka, letters.contract());
    die(kafka, letters, "billing-" + letters.topic());
    var original = letters.redriven();

    JsonObject listed = letters.listed();
    assertThat(listed.get("letters").getAsInt()).isEqualTo(EVENTS);
    assertThat(listed.get("redriven").getAsInt()).isZero();
    JsonObject cause = listed.getAsJsonArray("causes").get(0).getAsJsonObject();
    assertThat(cause.get("exception").getAsString()).isEqualTo("java.lang.IllegalStateException");
    assertThat(cause.get("group").getAsString()).isEqualTo("billing-" + letters.topic());

    JsonObject shown =
        JsonParser.parseString(letters.dlt("show", "--format", "json").lines().get(0))
            .getAsJsonObject();
    JsonObject letter = shown.getAsJsonObject("deadLetter");
    assertThat(letter.get("topic").getAsString()).isEqualTo(letters.topic());
    assertThat(letter.get("message").getAsString()).isEqualTo("no account");
    assertThat(letter.get("attempts").getAsInt()).isEqualTo(2);

    Run redriven = letters.dlt("redrive", "--yes");
    assertThat(redriven.out()).contains("redriven  6 dead letters of " + letters.letterTopic());
    assertThat(redriven.exitCode()).isZero();
    assertThat(letters.listed().get("redriven").getAsInt()).isEqualTo(EVENTS);
    assertSameRecords(original, letters.redriven());

    BlockingQueue<UserEvent> billed = new LinkedBlockingQueue<>();
    try (HermesSubscriber billing =
        subscriber(kafka, "billing-" + letters.topic(), new SubscriberListener() {})
            .on(letters.contract(), delivery -> billed.add(delivery.event()))
            .start()) {
      Map<String, List<String>> byUser = new HashMap<>();
      for (int i = 0; i < EVENTS; i++) {
        UserEvent event = Objects.requireNonNull(billed.poll(20, SECONDS));
        byUser.computeIfAbsent(event.getUserId(), u -> new ArrayList<>()).add(event.getEventId());
      }
      assertThat(byUser.get("user-0")).containsExactly("e-0", "e-3");
      assertThat(byUser.get("user-1")).containsExactly("e-1", "e-4");
      assertThat(billing.health().counts().ignored()).isZero();
    }
    shippingAcksThemUnhandled(kafka, letters);
  }

  /** As many as there were, and each key's in the order in which they were published. */
  private static void assertSameRecords(
      List<ConsumerRecord<byte[], byte[]>> original, List<ConsumerRecord<byte[], byte[]>> all) {
    assertThat(all).hasSize(2 * EVENTS);
    for (String user : List.of("user-0", "user-1", "user-2")) {
      var before = original.stream().filter(r -> isOf(user, r)).toList();
      var both = all.stream().filter(r -> isOf(user, r)).toList();
      assertThat(both).hasSize(2 * before.size());
      for (int i = 0; i < before.size(); i++) {
        var again = both.get(before.size() + i);
        assertThat(again.partition()).isEqualTo(before.get(i).partition());
        assertThat(again.value()).isEqualTo(before.get(i).value());
        int own = before.get(i).headers().toArray().length;
        assertThat(again.headers().toArray()).startsWith(before.get(i).headers().toArray());
        assertThat(again.headers().toArray()).hasSize(own + 2);
      }
    }
  }

  private static boolean isOf(String user, ConsumerRecord<byte[], byte[]> record) {
    return Arrays.equals(Records.utf8(user), record.key());
  }

  private static void shippingAcksThemUnhandled(Kafka kafka, Letters letters) throws Exception {
    BlockingQueue<UserEvent> shipped = new LinkedBlockingQueue<>();
    CountDownLatch committed = new CountDownLatch(1);
    SubscriberListener listener =
        new SubscriberListener() {
          private final Map<TopicPartition, Long> all = new ConcurrentHashMap<>();

          @Override
          public void committed(Map<TopicPartition, Long> offsets) {
            all.putAll(offsets);
            if (all.values().stream().mapToLong(o -> o).sum() == 2 * EVENTS) {
              committed.countDown();
            }
          }
        };
    try (HermesSubscriber shipping =
        subscriber(kafka, "shipping-" + letters.topic(), listener)
            .on(letters.contract(), delivery -> shipped.add(delivery.event()))
            .start()) {
      assertThat(committed.await(20, SECONDS)).isTrue();
      assertThat(shipping.health().counts().ignored()).isEqualTo(EVENTS);
      assertThat(shipped).hasSize(EVENTS);
    }
  }

  private static void publish(Kafka kafka, Topic<UserEvent> contract) {
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(contract)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .open()) {
      for (int i = 0; i < EVENTS; i++) {
        publisher.publishAndWait(Letters.event("user-" + i % 3, i), Duration.ofSeconds(20));
      }
    }
  }

  private static void die(Kafka kafka, Letters letters, String group) throws Exception {
    CountDownLatch dead = new CountDownLatch(EVENTS);
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void deadLettered(EventRecord<?> record, Throwable failure) {
            dead.countDown();
          }
        };
    Handler<UserEvent> failing =
        delivery -> {
          throw new IllegalStateException("no account");
        };
    try (HermesSubscriber subscriber =
        subscriber(kafka, group, listener).on(letters.contract(), failing).start()) {
      assertThat(dead.await(20, SECONDS)).isTrue();
      subscriber.drain(Duration.ofSeconds(20));
    }
  }

  private static SubscriberBuilder<?> subscriber(
      Kafka kafka, String group, SubscriberListener listener) {
    return HermesSubscriber.builder()
        .settings(KafkaSettings.of(kafka.bootstrapServers()))
        .group(group)
        .onError(ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
        .listener(listener);
  }
}
