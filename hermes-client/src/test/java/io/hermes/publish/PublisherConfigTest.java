package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KafkaTest
class PublisherConfigTest {

  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  @Test
  void aBuilderThatIsUsedAgainChangesNothingOfThePublisherBefore(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    HermesPublisher.Builder<UserEvent> builder =
        HermesPublisher.builder(topic)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .maxInFlight(7, 700);
    try (HermesPublisher<UserEvent> first = builder.open()) {
      builder
          .maxInFlight(8, 800)
          .deliveryTimeout(Duration.ofMinutes(1))
          .settings(settingsOf("x:1"));
      assertThat(first.config().maxRecords()).isEqualTo(7);
      assertThat(first.config().maxBytes()).isEqualTo(700);
      assertThat(first.config().deliveryTimeout()).isEqualTo(Duration.ofMinutes(2));
      assertThat(first.config().topics()).hasSize(1);
      assertThat(first.config().settings().bootstrapServers()).isEqualTo(kafka.bootstrapServers());
    }
  }

  private static KafkaSettings settingsOf(String servers) {
    return KafkaSettings.of(servers);
  }

  @Test
  void veryLongTimesDoNotOverflow(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .openTimeout(FOREVER)
            .build();
    HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(topic)
            .settings(settings)
            .maxWait(FOREVER)
            .deliveryTimeout(FOREVER)
            .open();
    assertThat(publisher.publishAndWait(Events.login("u", 1), FOREVER).offset()).isZero();
    publisher.flush(FOREVER);
    publisher.close(FOREVER);
  }

  @Test
  void aDeliveryTimeoutThatKafkaRefusesIsNamedAsItsSettingBeforeAnythingConnects() {
    KafkaSettings nowhere = KafkaSettings.of("localhost:1");
    assertThatThrownBy(
            () ->
                HermesPublisher.builder(UserEvent.class)
                    .settings(nowhere)
                    .deliveryTimeout(Duration.ofSeconds(5))
                    .open())
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "deliveryTimeout must be at least 10005 ms, which is request.timeout.ms plus linger.ms,"
                + " but is 5 s.");
  }

  @Test
  void aWrongArgumentIsAWrongSetting() {
    HermesPublisher.Builder<?> builder = HermesPublisher.builder();
    assertThatThrownBy(() -> builder.maxInFlight(0, 1))
        .isInstanceOf(SettingsException.class)
        .hasMessage("maxInFlight must be 1 to 8388607 records, not 0.");
    assertThatThrownBy(() -> builder.maxInFlight(1, 0))
        .isInstanceOf(SettingsException.class)
        .hasMessage("maxInFlight must be 1 to 274877906944 bytes, not 0.");
    assertThatThrownBy(() -> builder.maxWait(Duration.ofMillis(-1)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("maxWait");
  }
}
