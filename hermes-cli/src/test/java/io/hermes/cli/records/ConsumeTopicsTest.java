package io.hermes.cli.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.hermes.Topic;
import io.hermes.cli.Run;
import io.hermes.events.v1.Money;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Events of which the command line has nothing but their contracts; found by their own keys. */
@KafkaTest
class ConsumeTopicsTest {

  private static final Duration WAIT = Duration.ofSeconds(20);
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_767_225_600).build();

  private final String id = UUID.randomUUID().toString();

  @Test
  void severalMessagesOfOneTopicAreToldApart(Kafka kafka) {
    OrderPlaced placed =
        OrderPlaced.newBuilder()
            .setEventId("e-1")
            .setOccurredAt(TIME)
            .setOrderId(id)
            .addLines(
                OrderPlaced.Line.newBuilder().setSku("tea").setQuantity(2).putOptions("size", "L"))
            .setShipTo(OrderPlaced.Address.newBuilder().setName("Jane Doe"))
            .build();
    OrderPaid paid =
        OrderPaid.newBuilder()
            .setOrderId(id)
            .setAmount(Money.newBuilder().setMinorUnits(5))
            .build();
    OrderCancelled cancelled =
        OrderCancelled.newBuilder()
            .setOrderId(id)
            .setReason(OrderCancelled.Reason.OUT_OF_STOCK)
            .build();
    try (HermesPublisher<Message> publisher =
        HermesPublisher.builder()
            .topic(Topic.of(OrderPlaced.class))
            .topic(Topic.of(OrderPaid.class))
            .topic(Topic.of(OrderCancelled.class))
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .createTopics()
            .open()) {
      for (Message event : List.of(placed, paid, cancelled)) {
        publisher.publishAndWait(event, WAIT);
      }
    }

    List<JsonObject> shown = json(kafka, "orders.events");
    assertThat(shown)
        .extracting(line -> line.get("messageType").getAsString())
        .containsExactly(
            "hermes.events.v1.OrderPlaced",
            "hermes.events.v1.OrderPaid",
            "hermes.events.v1.OrderCancelled");
    assertThat(shown.get(0).get("event"))
        .hasToString(
            "{\"eventId\":\"e-1\",\"occurredAt\":\"2026-01-01T00:00:00Z\",\"orderId\":\""
                + id
                + "\",\"lines\":[{\"sku\":\"tea\",\"quantity\":2,\"options\":{\"size\":\"L\"}}],"
                + "\"shipTo\":\"[REDACTED]\"}");
    assertThat(shown.get(1).getAsJsonObject("event").get("amount"))
        .hasToString("{\"minorUnits\":\"5\"}");
    assertThat(shown.get(2).getAsJsonObject("event").get("reason").getAsString())
        .isEqualTo("OUT_OF_STOCK");
    assertThat(consume(kafka, "orders.events", "pretty").out())
        .contains("OrderPlaced", "OrderPaid", "OrderCancelled", "\"reason\": \"OUT_OF_STOCK\"")
        .doesNotContain("Jane Doe");
    assertThat(consume(kafka, "orders.events", "table").lines())
        .hasSize(4)
        .anyMatch(line -> line.contains("OrderPlaced") && line.contains("\"sku\":\"tea\""))
        .anyMatch(line -> line.contains("OrderCancelled"));
    assertThat(consume(kafka, "orders.events", "json --type OrderPaid").lines())
        .singleElement()
        .asString()
        .contains("\"eventType\":null", "hermes.events.v1.OrderPaid");
  }

  @Test
  void aTypeThatNoContractDefinesIsNotAQuietTopic(Kafka kafka) {
    try (TopicAdmin admin = TopicAdmin.connect(KafkaSettings.of(kafka.bootstrapServers()))) {
      admin.createIfMissing(Topic.of(UserEvent.class));
      admin.createIfMissing(Topic.of(OrderPaid.class));
    }
    assertThat(consume(kafka, "user.events", "json --type USER_LOGNI").err())
        .startsWith("hermes: No contract of these topics defines the type USER_LOGNI.")
        .contains(" Did you mean USER_LOGIN?");
    assertThat(consume(kafka, "orders.events", "json --type OrderSent").err())
        .contains("Types: OrderCancelled, OrderPaid, OrderPlaced.");
    assertThat(consume(kafka, "orders.events", "json --type OrderPaid").err())
        .doesNotContain("No contract");
  }

  @Test
  void valuesThatWereCompressedOnTheirOwnAreShownAsSuch(Kafka kafka) {
    PaymentEvent small =
        PaymentEvent.newBuilder()
            .setEventId("e-1")
            .setOccurredAt(TIME)
            .setPaymentId(id)
            .setEventType(PaymentEvent.EventType.PAYMENT_AUTHORIZED)
            .build();
    PaymentEvent large =
        small.toBuilder()
            .setEventType(PaymentEvent.EventType.PAYMENT_CAPTURED)
            .setReceipt(ByteString.copyFromUtf8("Thank you for your purchase. ".repeat(2_000)))
            .build();
    try (HermesPublisher<PaymentEvent> publisher =
        HermesPublisher.builder(PaymentEvent.class)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .createTopics()
            .open()) {
      publisher.publishAndWait(small, WAIT);
      publisher.publishAndWait(large, WAIT);
    }

    List<JsonObject> shown = json(kafka, "payments.events");
    assertThat(shown)
        .extracting(line -> line.get("encoding").getAsString())
        .containsExactly("plain", "zstd");
    assertThat(shown.get(1).get("eventBytes").getAsInt()).isEqualTo(large.getSerializedSize());
    assertThat(shown.get(1).get("valueBytes").getAsInt()).isLessThan(1_000);
    assertThat(shown.get(1).getAsJsonObject("event").get("receipt").getAsString())
        .isEqualTo("[REDACTED]");
    String pretty = consume(kafka, "payments.events", "pretty").out();
    assertThat(pretty)
        .contains("PAYMENT_AUTHORIZED", "plain", "PAYMENT_CAPTURED")
        .containsPattern("zstd.* of 56\\.\\d KiB");
    assertThat(consume(kafka, "payments.events", "table").out())
        .containsPattern("PAYMENT_CAPTURED +zstd +\\d+ B of 56\\.\\d KiB");
  }

  private List<JsonObject> json(Kafka kafka, String topic) {
    return consume(kafka, topic, "json").lines().stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  private Run consume(Kafka kafka, String topic, String format) {
    Run run =
        Run.hermes(
            kafka.bootstrapServers(),
            "consume --to-end --topic %s --key %s --format %s"
                .formatted(topic, id, format)
                .split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
