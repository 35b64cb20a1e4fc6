package io.hermes.spring;

import io.hermes.jdbc.OutboxRelay;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Configures the health of every publisher and subscriber, which readiness depends on. */
@AutoConfiguration(
    after = HermesAutoConfiguration.class,
    afterName = {
      "io.hermes.spring.HermesJdbcAutoConfiguration",
      // Adds the readiness group, which Hermes joins.
      "org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration"
    })
@ConditionalOnClass(HealthContributor.class)
class HermesHealthAutoConfiguration {

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(HermesSubscribers.class)
  @ConditionalOnEnabledHealthIndicator("hermes")
  static class HealthConfiguration {

    @Bean
    static HermesHealth hermesHealthContributor(
        HermesPublishers publishers, HermesSubscribers subscribers) {
      return new HermesHealth(publishers, subscribers);
    }
  }

  /** Not part of readiness: the application works while events wait in its database. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(OutboxRelay.class)
  @ConditionalOnBean(ManagedRelay.class)
  @ConditionalOnEnabledHealthIndicator("hermes-outbox")
  static class OutboxHealthConfiguration {

    @Bean
    static OutboxHealthIndicator hermesOutboxHealthIndicator(ManagedRelay relay) {
      return new OutboxHealthIndicator(relay);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(SecurityContext.class)
  @ConditionalOnBean(HermesSubscribers.class)
  @ConditionalOnEnabledHealthIndicator("hermes")
  static class ReadinessConfiguration {

    @Bean
    static HealthEndpointGroupsPostProcessor hermesReadiness(Environment environment) {
      return new ReadinessGroup(environment);
    }
  }
}
