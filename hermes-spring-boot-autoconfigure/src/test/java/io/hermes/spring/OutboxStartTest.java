package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Outbox;
import io.hermes.subscribe.AsyncHandler;
import io.hermes.subscribe.Delivery;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What an application lacks for its outbox or inbox is an error at start. No broker is needed. */
@Timeout(180)
class OutboxStartTest {

  private static final ApplicationContextRunner SERVICE =
      Services.without().withPropertyValues("spring.kafka.bootstrap-servers=localhost:1");

  private static FailureAnalysis analysis(ApplicationContextRunner context) {
    AtomicReference<FailureAnalysis> found = new AtomicReference<>();
    context.run(started -> found.set(Services.analysis(started.getStartupFailure())));
    return Objects.requireNonNull(found.get());
  }

  static class Billing {
    @HermesListener(group = "billing", once = true)
    void bill(UserEvent event) {}
  }

  static class Tombstones {
    @HermesListener(group = "billing", once = true, tombstones = true)
    void forget(Delivery<UserEvent> event) {}
  }

  static class Asynchronous {
    @HermesListener(group = "billing", once = true)
    CompletionStage<Void> bill(UserEvent event) {
      return CompletableFuture.completedFuture(null);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class AsynchronousBean {
    @Bean
    @HermesListener(group = "billing", once = true)
    AsyncHandler<UserEvent> handler() {
      return delivery -> CompletableFuture.completedFuture(null);
    }
  }

  @Test
  void missingTablesOfTheOutboxFailAtStartWithTheNameOfTheScript() {
    FailureAnalysis found = analysis(Databases.without(SERVICE));
    assertThat(found.getDescription())
        .isEqualTo(
            "The outbox needs tables that the database does not have: hermes_outbox,"
                + " hermes_outbox_shard, hermes_outbox_slot.");
    assertThat(found.getAction())
        .isEqualTo(
            "Run hermes/jdbc/h2/outbox.sql of hermes-jdbc.jar as a migration, for example with"
                + " Flyway or Liquibase. For development and tests,"
                + " hermes.outbox.create-tables=true creates the tables. If this application has no"
                + " outbox, set hermes.outbox.enabled=false.");
  }

  @Test
  void missingTablesOfTheInboxFailAtStartOnlyIfAListenerNeedsThem() {
    ApplicationContextRunner service =
        Databases.without(SERVICE).withPropertyValues("hermes.outbox.enabled=false");
    service.run(context -> assertThat(context).hasNotFailed());
    FailureAnalysis found = analysis(service.withBean(Billing.class));
    assertThat(found.getDescription())
        .contains(
            "Billing.bill(UserEvent) needs tables that the database does not have: hermes_inbox.");
    assertThat(found.getAction())
        .contains("hermes/jdbc/h2/inbox.sql", "hermes.inbox.create-tables");
  }

  @Test
  void anOutboxNeedsNoRelay() {
    Databases.with(SERVICE)
        .withPropertyValues("hermes.outbox.relay.enabled=false")
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(TransactionalOutbox.class)
                    .hasSingleBean(Outbox.class)
                    .doesNotHaveBean(ManagedRelay.class)
                    .doesNotHaveBean(OutboxHealthIndicator.class));
    Databases.without(SERVICE)
        .withPropertyValues("hermes.outbox.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(TransactionalOutbox.class));
  }

  @Test
  void itStartsWithoutItsDatabaseAndSaysSoInItsHealth() {
    Databases.without(SERVICE)
        .withPropertyValues(
            "spring.datasource.url=jdbc:h2:tcp://localhost:1/no",
            "spring.datasource.hikari.connection-timeout=300")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              HealthIndicator outbox = context.getBean(OutboxHealthIndicator.class);
              Services.await(
                  "the relay has tried",
                  () -> !context.getBean(ManagedRelay.class).faultsOfStart().isEmpty());
              var health = Objects.requireNonNull(outbox.health());
              assertThat(health.getStatus()).isEqualTo(Status.DOWN);
              assertThat(String.valueOf(health.getDetails())).contains("code=DATABASE");
            });
  }

  @Test
  void aParkedEventIsAFault() {
    ApplicationContextRunner service =
        Databases.with(SERVICE).withPropertyValues("spring.datasource.url=" + Databases.url());
    service
        .withPropertyValues("hermes.outbox.relay.enabled=false")
        .run(
            context ->
                context
                    .getBean(JdbcClient.class)
                    .sql(
                        "INSERT INTO hermes_outbox (shard, topic, message_type, parked_at,"
                            + " parked_reason) VALUES (0, 't', 'm', CURRENT_TIMESTAMP, 'a test')")
                    .update());
    service.run(
        context -> {
          HealthIndicator outbox =
              (HealthIndicator)
                  Objects.requireNonNull(
                      context
                          .getBean(HealthContributorRegistry.class)
                          .getContributor("hermesOutbox"));
          Services.await(
              "the relay has started",
              () -> context.getBean(ManagedRelay.class).health().isPresent());
          var health = Objects.requireNonNull(outbox.health());
          assertThat(health.getStatus()).isEqualTo(Status.DOWN);
          assertThat(health.getDetails())
              .containsEntry("pending", 0L)
              .containsEntry("parked", 1L)
              .containsKeys("shards", "published", "faults");
          assertThat(String.valueOf(health.getDetails())).contains("code=PARKED");
        });
  }

  @Test
  void onceIsNotForWhatIsNoPartOfTheTransaction() {
    ApplicationContextRunner service = Databases.with(SERVICE);
    assertThat(analysis(service.withBean(Asynchronous.class)).getDescription())
        .endsWith(
            "Asynchronous.bill(UserEvent) has once = true, but returns a CompletionStage, whose"
                + " work is not part of the transaction.");
    assertThat(analysis(service.withUserConfiguration(AsynchronousBean.class)).getDescription())
        .isEqualTo(
            "the bean 'handler' has once = true, but is an AsyncHandler, whose work is not part of"
                + " the transaction.");
    assertThat(analysis(service.withBean(Tombstones.class)).getDescription())
        .contains("has once = true, but handles tombstones, which have no id.");
  }

  @Test
  void onceNeedsADatabaseATransactionManagerAndHermesJdbc() {
    ApplicationContextRunner service = SERVICE.withBean(Billing.class);
    assertThat(analysis(service).getDescription())
        .endsWith("Billing.bill(UserEvent) has once = true, but there is no inbox.");
    ApplicationContextRunner configured =
        service.withConfiguration(AutoConfigurations.of(HermesJdbcAutoConfiguration.class));
    FailureAnalysis noSource = analysis(configured);
    assertThat(noSource.getDescription())
        .contains("Billing.bill(UserEvent) has once = true")
        .contains("does not have a DataSource");
    FailureAnalysis noJdbc =
        analysis(configured.withClassLoader(new FilteredClassLoader("io.hermes.jdbc")));
    assertThat(noJdbc.getAction())
        .isEqualTo("Add io.hermes:hermes-jdbc and spring-boot-starter-jdbc or -data-jpa.");
    FailureAnalysis noManager =
        analysis(
            configured
                .withPropertyValues(
                    "spring.datasource.url=" + Databases.url(), "hermes.outbox.create-tables=true")
                .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class)));
    assertThat(noManager.getDescription()).contains("does not have a PlatformTransactionManager");
  }
}
