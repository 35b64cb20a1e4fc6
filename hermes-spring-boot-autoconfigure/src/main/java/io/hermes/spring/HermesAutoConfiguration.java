package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.kafka.KafkaClients;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.PublisherObserver;
import io.hermes.spring.ClusterProperties.Role;
import io.hermes.subscribe.SubscriberObserver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails.Configuration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;

/**
 * Configures publishers for every injected {@code HermesPublisher}, and subscribers for every
 * {@link HermesListener}.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration",
      "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration",
      "io.hermes.spring.HermesMicrometerAutoConfiguration",
      "io.hermes.spring.HermesOpenTelemetryAutoConfiguration"
    })
@ConditionalOnClass(HermesPublisher.class)
@EnableConfigurationProperties(HermesProperties.class)
@ImportRuntimeHints(HermesRuntimeHints.class)
class HermesAutoConfiguration {

  @Bean
  static Clusters hermesClusters(
      Environment environment,
      HermesProperties properties,
      ObjectProvider<Connections> connections,
      ObjectProvider<SslBundles> bundles,
      ObjectProvider<KafkaClients> clients) {
    return new Clusters(
        Binder.get(environment),
        properties,
        new Clusters.Parts(
            connections.getIfAvailable(), bundles.getIfAvailable(), clients.getIfAvailable()));
  }

  @Bean
  static ShutdownBudget hermesShutdownBudget(Environment environment) {
    Duration timeout =
        Binder.get(environment)
            .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
            .orElseGet(() -> Duration.ofSeconds(30)); // Spring Boot's default
    return new ShutdownBudget(timeout);
  }

  @Bean
  static HermesPublishers hermesPublishers(
      Clusters clusters,
      HermesProperties properties,
      ObjectProvider<PublisherObserver> observers,
      ObjectProvider<HermesPublisherCustomizer> customizers,
      ShutdownBudget budget) {
    return new HermesPublishers(
        new HermesPublishers.Parts(
            clusters,
            properties.getPublisher(),
            observers.orderedStream().toList(),
            customizers.orderedStream().toList(),
            budget));
  }

  /** Each injection point gets a publisher of the type that it declares. */
  @Bean
  @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // from the injection point
  <M extends Message> HermesPublisher<M> hermesPublisher(
      HermesPublishers publishers, InjectionPoint point) {
    return (HermesPublisher<M>) publishers.injected(point);
  }

  @Bean
  static HermesSubscribers hermesSubscribers(
      ConfigurableListableBeanFactory beans,
      Clusters clusters,
      HermesProperties properties,
      ObjectProvider<SubscriberObserver> observers,
      ObjectProvider<HermesSubscriberCustomizer> customizers,
      ObjectProvider<Effects.Once> once,
      ShutdownBudget budget) {
    return new HermesSubscribers(
        beans,
        new HermesSubscribers.Parts(
            clusters,
            properties,
            observers.orderedStream().toList(),
            customizers.orderedStream().toList(),
            once.getIfAvailable(),
            budget));
  }

  /** Uses Spring Boot's connection details, for example from a test container. */
  @org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(KafkaConnectionDetails.class)
  static class ConnectionDetailsConfiguration {

    /**
     * Spring Boot's default, built from the properties of spring.kafka, which Hermes reads itself.
     */
    private static final String FROM_PROPERTIES = "PropertiesKafkaConnectionDetails";

    @Bean
    @ConditionalOnBean(KafkaConnectionDetails.class)
    static @Nullable Connections hermesConnections(ObjectProvider<KafkaConnectionDetails> details) {
      return details
          .orderedStream()
          .filter(found -> !found.getClass().getSimpleName().equals(FROM_PROPERTIES))
          .findFirst()
          .map(ConnectionDetailsConfiguration::connections)
          .orElse(null);
    }

    private static Connections connections(KafkaConnectionDetails details) {
      return role -> {
        Configuration found =
            role == Role.PUBLISHER ? details.getProducer() : details.getConsumer();
        return new Connections.Connection(
            found.getBootstrapServers(), found.getSslBundle(), found.getSecurityProtocol());
      };
    }
  }
}
