package com.acme.billing;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesSubscriber;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
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

  /** Built here, and started once all other beans are there: its handler may use any of them. */
  @Bean
  HermesSubscriber subscriber(KafkaSettings kafka, Bills bills) {
    return HermesSubscriber.builder(UserEvent.class)
        .settings(kafka)
        .group("billing")
        .on(UserEvent.class, delivery -> bills.write(delivery.event()))
        .build();
  }

  @Bean
  ApplicationListener<ApplicationReadyEvent> starter(HermesSubscriber subscriber) {
    return ready -> subscriber.start();
  }
}
