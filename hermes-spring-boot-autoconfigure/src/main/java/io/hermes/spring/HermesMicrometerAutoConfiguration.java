package io.hermes.spring;

import io.hermes.jdbc.OutboxHealth;
import io.hermes.kafka.KafkaClients;
import io.hermes.micrometer.HandleConvention;
import io.hermes.micrometer.HermesMetrics;
import io.hermes.micrometer.HermesObservations;
import io.hermes.micrometer.OutboxMetrics;
import io.hermes.micrometer.PublishConvention;
import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/**
 * Configures metrics if there is a meter registry. Configures observations if there is an
 * observation registry and hermes-opentelemetry does not already create the traces.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration",
      "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
      "io.hermes.spring.HermesOpenTelemetryAutoConfiguration"
    })
@ConditionalOnClass({HermesMetrics.class, MeterRegistry.class})
class HermesMicrometerAutoConfiguration {

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(ObservationRegistry.class)
  @ConditionalOnMissingBean(type = "io.hermes.opentelemetry.HermesTelemetry")
  static class ObservationsConfiguration {

    @Bean
    @ConditionalOnMissingBean
    static HermesObservations hermesObservations(
        ObservationRegistry registry,
        ObjectProvider<PublishConvention> publish,
        ObjectProvider<HandleConvention> handle) {
      HermesObservations observations = HermesObservations.of(registry);
      PublishConvention published = publish.getIfAvailable();
      if (published != null) {
        observations = observations.convention(published);
      }
      HandleConvention handled = handle.getIfAvailable();
      return handled == null ? observations : observations.convention(handled);
    }

    @Bean
    static OutboxTrace hermesOutboxObservations(HermesObservations observations) {
      return insertion ->
          observations.outbox(
              headers -> {
                insertion.accept(headers);
                return headers;
              });
    }

    @Bean
    @Order(0)
    static PublisherObserver hermesPublisherObservations(HermesObservations observations) {
      return observations.publisher();
    }

    @Bean
    @Order(0)
    static SubscriberObserver hermesSubscriberObservations(HermesObservations observations) {
      return observations.subscriber();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(MeterRegistry.class)
  static class MetricsConfiguration {

    /** Omits the timers if the observations already record them. */
    @Bean
    @ConditionalOnMissingBean
    static HermesMetrics hermesMetrics(
        MeterRegistry registry,
        ObjectProvider<HermesObservations> observations,
        ObjectProvider<MeterObservationHandler<?>> handlers) {
      HermesMetrics metrics = HermesMetrics.of(registry);
      boolean measured =
          observations.getIfAvailable() != null && handlers.stream().findAny().isPresent();
      return measured ? metrics.withoutTimers() : metrics;
    }

    @Bean
    @Order(1)
    static PublisherObserver hermesPublisherMetrics(HermesMetrics metrics) {
      return metrics.publisher();
    }

    @Bean
    @Order(1)
    static SubscriberObserver hermesSubscriberMetrics(HermesMetrics metrics) {
      return metrics.subscriber();
    }

    @Bean
    @ConditionalOnMissingBean
    static KafkaClients hermesKafkaClients(HermesMetrics metrics) {
      return metrics.clients();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({OutboxMetrics.class, OutboxHealth.class})
  @ConditionalOnBean(MeterRegistry.class)
  static class OutboxMetricsConfiguration {

    @Bean
    static RelayMeters hermesRelayMeters(MeterRegistry registry) {
      return health -> OutboxMetrics.register(registry, health);
    }
  }
}
