package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import org.junit.jupiter.api.Test;

@KafkaTest
class BillingTest {
  @Test
  void publishesToARealBroker(Kafka kafka) {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    try (var publisher =
        HermesPublisher.builder(UserEvent.class).settings(settings).createTopics().open()) {
      Receipt receipt = publisher.publishAndWait(event, ofSeconds(10));
      assertThat(receipt.topic()).isEqualTo("user.events");
    }
  }
}
