package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pipe of docs/exactly-once.md. */
@KafkaTest
@Timeout(60)
class PipeGuideTest {

  @Test
  void aPipeEmitsAPaymentForEachOrder(Kafka kafka) {
    String prefix = UUID.randomUUID() + ".";
    kafka.createTopic(prefix + "orders.events", 1);
    kafka.createTopic(prefix + "payments.events", 1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .topicPrefix(prefix)
            .build();
    try (var placed = HermesPublisher.builder(OrderPlaced.class).settings(settings).open();
        var cancelled = HermesPublisher.builder(OrderCancelled.class).settings(settings).open()) {
      placed.publishAndWait(OrderPlaced.newBuilder().setOrderId("o-1").build(), ofSeconds(20));
      cancelled.publishAndWait(
          OrderCancelled.newBuilder().setOrderId("o-1").build(), ofSeconds(20));
    }
    HermesSubscriber pipe =
        HermesPipe.from(OrderPlaced.class)
            .to(PaymentEvent.class)
            .settings(settings)
            .group("billing")
            .ignoreOtherTypes() // the topic has other events of orders, too
            .start((delivery, out) -> out.emit(payment(delivery.event())));
    try (pipe;
        HermesReader<PaymentEvent> reader =
            HermesReader.builder(PaymentEvent.class).settings(settings).open()) {
      EventRecord<PaymentEvent> first = reader.iterator().next();
      assertThat(first.event().getOrderId()).isEqualTo("o-1");
      assertThat(pipe.drain(ofSeconds(20))).isTrue();
      assertThat(pipe.health().counts().deadLettered()).isZero();
    }
  }

  private static PaymentEvent payment(OrderPlaced order) {
    return PaymentEvent.newBuilder()
        .setPaymentId("payment-" + order.getOrderId())
        .setOrderId(order.getOrderId())
        .build();
  }
}
