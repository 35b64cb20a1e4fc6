package com.acme.billing;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesSubscriber;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A publisher and a subscriber as beans; Spring closes them. */
@SpringBootApplication
public class BillingApplication {

  /** Runs until it is told to stop. */
  public static void main(String[] args) {
    SpringApplication.run(BillingApplication.class, args);
  }

  /**
   * From the environment: KAFKA_BROKER and the security variables. The broker may also come from
   * anywhere else that Spring knows, as kafka.broker.
   */
  @Bean
  KafkaSettings kafka(@Value("${kafka.broker:}") String broker) {
    KafkaSettings settings = KafkaSettings.fromEnvironment();
    return broker.isEmpty() ? settings : settings.toBuilder().bootstrapServers(broker).build();
  }

  @Bean
  Bills bills() {
    return new Bills();
  }

  @Bean
  HermesPublisher<UserEvent> publisher(KafkaSettings kafka) {
    return HermesPublisher.builder(UserEvent.class).settings(kafka).createTopics().open();
  }

  /** After the publisher, which makes sure that there is a topic. */
  @Bean
  HermesSubscriber subscriber(
      KafkaSettings kafka, Bills bills, HermesPublisher<UserEvent> publisher) {
    return HermesSubscriber.builder(UserEvent.class)
        .settings(kafka)
        .group("billing")
        .start(delivery -> bills.write(delivery.event()));
  }
}
