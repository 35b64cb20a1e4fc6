package io.hermes.examples.observability;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.micrometer.HandleContext;
import io.hermes.micrometer.HandleConvention;
import io.hermes.micrometer.HermesMetrics;
import io.hermes.micrometer.HermesObservations;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The snippets on metrics of docs/observability.md. */
@KafkaTest
@Timeout(60)
class MetricsGuideTest {

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final ObservationRegistry observationRegistry = ObservationRegistry.create();
  private final BlockingQueue<String> billed = new LinkedBlockingQueue<>();
  private final String group = "metered-" + UUID.randomUUID();
  private final KafkaSettings settings;

  MetricsGuideTest(Kafka kafka) {
    settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  @BeforeEach
  void createTopic() {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(Topic.of(UserEvent.class));
    }
  }

  private void bill(Delivery<UserEvent> delivery) {
    billed.add(delivery.event().getEventId());
  }

  private void awaitBilled(String id) throws InterruptedException {
    for (String next = ""; !next.equals(id); ) {
      next = billed.poll(30, SECONDS);
      assertThat(next).isNotNull();
    }
  }

  private static UserEvent event(String id) {
    return UserEvent.newBuilder().setEventId(id).setUserId("user-123").build();
  }

  @Test
  void metersOfPublisherAndSubscriber() throws Exception {
    HermesMetrics metrics = HermesMetrics.of(registry);
    KafkaSettings metered = settings.toBuilder().clients(metrics.clients()).build();

    HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class)
            .settings(metered)
            .observer(metrics.publisher())
            .open();

    HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(metered)
            .group(group)
            .observer(metrics.subscriber())
            .start(this::bill);
    try (publisher;
        subscriber) {
      publisher.publishAndWait(event(group), ofSeconds(20));
      awaitBilled(group);
      assertThat(registry.get("hermes.subscriber.healthy").gauge().value()).isEqualTo(1);
      assertThat(registry.get("hermes.publish").timer().count()).isEqualTo(1);
      assertThat(registry.get("kafka.producer.record.send.total").functionCounters()).isNotEmpty();
    }
    assertThat(registry.find("hermes.subscriber.healthy").gauge()).isNull();
  }

  @Test
  void observationsWithAConventionOfTheUsers() throws Exception {
    observationRegistry
        .observationConfig()
        .observationHandler(new DefaultMeterObservationHandler(registry));
    HermesObservations observations = HermesObservations.of(observationRegistry);
    HermesMetrics gauges = HermesMetrics.of(registry).withoutTimers();

    HermesSubscriber observed =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group(group)
            .observer(observations.subscriber())
            .observer(gauges.subscriber())
            .start(this::bill);
    HermesObservations ours =
        HermesObservations.of(observationRegistry)
            .convention(
                new HandleConvention() {
                  @Override
                  public KeyValues getLowCardinalityKeyValues(HandleContext context) {
                    return HandleConvention.super
                        .getLowCardinalityKeyValues(context)
                        .and("team", "billing");
                  }
                });
    HermesSubscriber named =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group(group + "-ours")
            .observer(ours.subscriber())
            .start(this::bill);
    try (observed;
        named;
        var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.publishAndWait(event(group), ofSeconds(20));
      awaitBilled(group);
      awaitBilled(group);
    }
    assertThat(registry.get("hermes.handle").tag("team", "billing").timer().count()).isPositive();
    assertThat(registry.get("hermes.handle").tag("group", group).timer().count()).isPositive();
  }
}
