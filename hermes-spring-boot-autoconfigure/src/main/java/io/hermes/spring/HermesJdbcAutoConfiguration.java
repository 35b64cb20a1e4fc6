package io.hermes.spring;

import io.hermes.jdbc.Outbox;
import io.hermes.jdbc.OutboxRelay;
import io.hermes.kafka.KafkaSettings;
import io.hermes.spring.ClusterProperties.Role;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.PlatformTransactionManager;

/** Configures the outbox with its relay, and the inbox for listeners with {@code once = true}. */
@AutoConfiguration(
    after = HermesAutoConfiguration.class,
    afterName = {
      "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
      "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
      "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration"
    })
@ConditionalOnClass({Outbox.class, DataSourceUtils.class, PlatformTransactionManager.class})
class HermesJdbcAutoConfiguration {

  @Bean
  static InboxListeners hermesInbox(
      HermesProperties properties,
      ObjectProvider<DataSource> sources,
      ObjectProvider<PlatformTransactionManager> transactions) {
    return new InboxListeners(properties.getInbox(), sources, transactions);
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnSingleCandidate(DataSource.class)
  @ConditionalOnBooleanProperty(name = "hermes.outbox.enabled", matchIfMissing = true)
  static class OutboxConfiguration {

    @Bean
    @ConditionalOnMissingBean
    static Outbox hermesOutbox(Clusters clusters) {
      Outbox.Builder builder = Outbox.builder();
      Object most = relaySettings(clusters).producerProperties(Map.of()).get("max.request.size");
      if (most != null && most.toString().strip().matches("[1-9][0-9]{0,8}")) {
        builder.maxRecordBytes(Integer.parseInt(most.toString().strip()));
      } // otherwise Kafka's producer refuses it
      return builder.build();
    }

    private static KafkaSettings relaySettings(Clusters clusters) {
      return clusters.settings(Clusters.DEFAULT, Role.PUBLISHER, "The relay of the outbox");
    }

    @Bean
    static TransactionalOutbox hermesTransactionalOutbox(
        DataSource source,
        Outbox outbox,
        ObjectProvider<OutboxTrace> trace,
        ObjectProvider<ManagedRelay> relay) {
      return new TransactionalOutbox(
          source,
          outbox,
          trace.getIfAvailable(() -> OutboxTrace.NONE),
          shard -> relay.ifAvailable(here -> here.wake(shard)));
    }

    @Bean
    static SmartInitializingSingleton hermesOutboxTables(
        DataSource source, HermesProperties properties) {
      JdbcTables tables =
          new JdbcTables(
              "The outbox",
              properties.getOutbox().isCreateTables(),
              "hermes.outbox.create-tables",
              " If this application has no outbox, set hermes.outbox.enabled=false.",
              Outbox::checkTables,
              Outbox::createTables);
      return () -> tables.ensure(source);
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "hermes.outbox.relay.enabled", matchIfMissing = true)
    static ManagedRelay hermesOutboxRelay(
        DataSource source,
        Clusters clusters,
        HermesProperties properties,
        ObjectProvider<RelayMeters> meters,
        ShutdownBudget budget) {
      OutboxRelay.Builder builder = OutboxRelay.builder(source).settings(relaySettings(clusters));
      apply(properties.getOutbox().getRelay(), builder);
      return new ManagedRelay(
          new ManagedRelay.Parts(builder::start, meters.getIfAvailable(), budget));
    }

    private static void apply(OutboxProperties.Relay properties, OutboxRelay.Builder builder) {
      if (properties.getLease() != null) {
        builder.lease(properties.getLease());
      }
      if (properties.getPollInterval() != null) {
        builder.pollInterval(properties.getPollInterval());
      }
      if (properties.getDeliveryTimeout() != null) {
        builder.deliveryTimeout(properties.getDeliveryTimeout());
      }
      if (!properties.isParkedHoldsKey()) {
        builder.publishPastParked();
      }
    }
  }
}
