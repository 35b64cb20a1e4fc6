package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import org.junit.jupiter.api.Test;

@KafkaTest // a real broker in the test's JVM, started in under three seconds
class BillingTest {
  @Test
  void publishesToARealBroker(Kafka kafka) {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    try (var publisher =
        HermesPublisher.builder(UserEvent.class).settings(settings).createTopics().open()) {
      assertThat(publisher.publishAndWait(event, ofSeconds(10)).topic()).isEqualTo("user.events");
    }
  }
}
