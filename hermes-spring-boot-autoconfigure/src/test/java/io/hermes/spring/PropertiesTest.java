package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.spring.ClusterProperties.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Properties become Kafka's, and those that cannot be are refused by name. No broker is needed. */
class PropertiesTest {

  private final ApplicationContextRunner context = Services.without();

  private static KafkaSettings settings(AssertableApplicationContext context, Role role) {
    return context.getBean(Clusters.class).settings(Clusters.DEFAULT, role, "the test");
  }

  private static Map<String, Object> consumer(AssertableApplicationContext context) {
    return settings(context, Role.SUBSCRIBER).consumerProperties(Map.of());
  }

  private static Map<String, Object> producer(AssertableApplicationContext context) {
    return settings(context, Role.PUBLISHER).producerProperties(Map.of());
  }

  private static FailureAnalysis analysis(AssertableApplicationContext context) {
    return Services.analysis(context.getStartupFailure());
  }

  @Test
  void springBootsNamesBecomeKafkas() {
    context
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=a:1,b:2",
            "spring.kafka.client-id=billing",
            "spring.kafka.security.protocol=SASL_PLAINTEXT",
            "spring.kafka.properties.sasl.mechanism=SCRAM-SHA-512",
            "spring.kafka.properties[sasl.login.retry.backoff.ms]=7",
            "spring.kafka.consumer.max-poll-interval=10m",
            "spring.kafka.consumer.fetchMinSize=2KB",
            "spring.kafka.consumer.client-id=reader",
            "spring.kafka.consumer.properties.group.protocol=consumer",
            "spring.kafka.producer.batch-size=128KB",
            "spring.kafka.producer.compression-type=lz4",
            "spring.kafka.ssl.key-store-type=PEM")
        .run(
            context -> {
              assertThat(consumer(context))
                  .containsEntry("bootstrap.servers", "a:1,b:2")
                  .containsEntry("client.id", "reader")
                  .containsEntry("security.protocol", "SASL_PLAINTEXT")
                  .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                  .containsEntry("sasl.login.retry.backoff.ms", "7")
                  .containsEntry("max.poll.interval.ms", "600000")
                  .containsEntry("fetch.min.bytes", "2048")
                  .containsEntry("group.protocol", "consumer")
                  .containsEntry("ssl.keystore.type", "PEM");
              assertThat(producer(context))
                  .containsEntry("client.id", "billing")
                  .containsEntry("batch.size", "131072")
                  .containsEntry("compression.type", "lz4")
                  .doesNotContainKey("max.poll.interval.ms");
            });
  }

  @Test
  void addressesMayBeAListAndMayDifferForPublishers() {
    context
        .withPropertyValues(
            "spring.kafka.bootstrap-servers[0]=a:1",
            "spring.kafka.bootstrap-servers[1]=b:2",
            "spring.kafka.producer.bootstrap-servers=c:3")
        .run(
            context -> {
              assertThat(settings(context, Role.SUBSCRIBER).bootstrapServers())
                  .isEqualTo("a:1,b:2");
              assertThat(settings(context, Role.PUBLISHER).bootstrapServers()).isEqualTo("c:3");
            });
  }

  @Test
  void theApplicationsNameIsThePrefixOfClientIds() {
    context
        .withPropertyValues("spring.application.name=billing")
        .run(context -> assertThat(producer(context)).containsEntry("client.id", "billing"));
  }

  @ParameterizedTest
  @CsvSource({
    "spring.kafka.consumer.enable-auto-commit=true, enable.auto.commit",
    "spring.kafka.producer.acks=1, acks",
    "spring.kafka.producer.retries=3, retries",
    "spring.kafka.producer.transaction-id-prefix=tx-, transactional.id",
    "spring.kafka.consumer.value-deserializer=a.b.C, value.deserializer",
    "spring.kafka.consumer.key-deserializer=a.b.C, key.deserializer",
    "spring.kafka.producer.value-serializer=a.b.C, value.serializer",
    "spring.kafka.consumer.isolation-level=read-uncommitted, isolation.level",
    "spring.kafka.properties.enable.auto.commit=true, enable.auto.commit",
    "spring.kafka.producer.properties.acks=0, acks"
  })
  void whatContradictsAGuaranteeIsRefusedByNameWithTheReason(String property, String kafka) {
    context
        .withPropertyValues(property)
        .run(
            context -> {
              FailureAnalysis analysis = analysis(context);
              assertThat(analysis.getDescription())
                  .startsWith(property.substring(0, property.indexOf('=')) + " contradicts")
                  .contains("The property " + kafka + " cannot be set directly: ");
              assertThat(analysis.getAction())
                  .startsWith("Remove it.")
                  .contains("hermes.leave-to-spring-kafka=true");
            });
    context
        .withPropertyValues(property, "hermes.leave-to-spring-kafka=true")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @ParameterizedTest
  @CsvSource({
    "spring.kafka.properties.group.id=billing, spring.kafka.consumer.group-id",
    "spring.kafka.properties.bootstrap.servers=a:1, spring.kafka.bootstrap-servers",
    "spring.kafka.consumer.properties.auto.offset.reset=latest, hermes.from",
    "spring.kafka.producer.properties.max.block.ms=5, hermes.publisher.max-wait",
    "spring.kafka.properties.delivery.timeout.ms=5, hermes.publisher.delivery-timeout"
  })
  void kafkasNameOfWhatAPropertySetsIsRefusedWithThatProperty(String given, String property) {
    context
        .withPropertyValues(given)
        .run(
            context ->
                assertThat(analysis(context).getDescription())
                    .startsWith(
                        given.substring(0, given.indexOf('='))
                            + " cannot be set directly. The property for it is "
                            + property));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spring.kafka.consumer.enable-auto-commit=false",
        "spring.kafka.producer.acks=all",
        "spring.kafka.producer.properties.enable.idempotence=true",
        "spring.kafka.consumer.isolation-level=read-committed",
        "spring.kafka.listener.concurrency=3",
        "spring.kafka.template.default-topic=any"
      })
  void whatAgreesWithHermesOrConcernsSpringKafkaOnlyDoesNoHarm(String property) {
    context.withPropertyValues(property).run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void aBadValueIsNamed() {
    context
        .withPropertyValues("spring.kafka.consumer.max-poll-interval=soon")
        .run(
            context ->
                assertThat(analysis(context).getDescription())
                    .startsWith("spring.kafka.consumer.max-poll-interval is invalid:"));
    context
        .withPropertyValues("spring.kafka.ssl.bundle=shop")
        .run(
            context ->
                assertThat(analysis(context).getDescription())
                    .contains("names the bundle 'shop', which does not exist"));
    context
        .withPropertyValues("spring.kafka.ssl.key-store-location=/no/such/file")
        .run(context -> assertThat(context).hasNotFailed()); // Kafka says so when it connects
  }

  @Test
  void aConnectionDetailsBeanWins() {
    context
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=a:1", "spring.kafka.security.protocol=SSL")
        .withBean(KafkaConnectionDetails.class, () -> () -> List.of("container:9"))
        .run(
            context -> {
              assertThat(consumer(context)).containsEntry("bootstrap.servers", "container:9");
              assertThat(producer(context)).containsEntry("bootstrap.servers", "container:9");
            });
  }

  @Test
  void itWorksWithoutSpringKafkaAndSpringBootsKafkaModule() {
    context
        .withClassLoader(
            new FilteredClassLoader("org.springframework.kafka", "org.springframework.boot.kafka"))
        .withPropertyValues("spring.kafka.bootstrap-servers=a:1")
        .run(context -> assertThat(consumer(context)).containsEntry("bootstrap.servers", "a:1"));
  }

  @Test
  void itWorksWithoutActuatorMicrometerAndOpenTelemetry() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HermesAutoConfiguration.class,
                HermesHealthAutoConfiguration.class,
                HermesMicrometerAutoConfiguration.class,
                HermesOpenTelemetryAutoConfiguration.class))
        .withClassLoader(
            new FilteredClassLoader(
                "org.springframework.boot.health",
                "org.springframework.boot.actuate",
                "io.micrometer.core",
                "io.hermes.micrometer",
                "io.opentelemetry",
                "io.hermes.opentelemetry"))
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void anotherClusterHasSettingsOfItsOwn() {
    context
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=a:1",
            "spring.kafka.client-id=billing",
            "hermes.clusters.eu.bootstrap-servers=eu-1:1,eu-2:2",
            "hermes.clusters.eu.security.protocol=SSL")
        .run(
            context -> {
              KafkaSettings eu =
                  context.getBean(Clusters.class).settings("eu", Role.SUBSCRIBER, "the test");
              assertThat(eu.consumerProperties(Map.of()))
                  .containsEntry("bootstrap.servers", "eu-1:1,eu-2:2")
                  .containsEntry("security.protocol", "SSL")
                  .doesNotContainKey("client.id");
              assertThat(consumer(context)).doesNotContainKey("security.protocol");
            });
    context
        .withPropertyValues("hermes.clusters.eu.client-id=billing")
        .run(
            context ->
                assertThat(analysis(context).getDescription())
                    .isEqualTo("The cluster eu has no hermes.clusters.eu.bootstrap-servers."));
  }

  static class Named {
    Named(@HermesCluster("us") HermesPublisher<UserEvent> publisher) {}
  }

  @Test
  void aClusterThatDoesNotExistIsNamed() {
    context
        .withBean(Named.class)
        .run(
            context ->
                assertThat(analysis(context).getDescription())
                    .contains("names the cluster 'us', which does not exist"));
  }
}
