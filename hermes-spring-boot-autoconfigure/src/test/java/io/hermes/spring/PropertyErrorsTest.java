package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.HermesException;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/**
 * Invalid and misspelt properties are reported by name, with what is valid. No broker is needed.
 */
class PropertyErrorsTest {

  private final ApplicationContextRunner context = Services.without();

  private static FailureAnalysis analysis(AssertableApplicationContext context) {
    return Services.analysis(context.getStartupFailure());
  }

  @ParameterizedTest
  @CsvSource({
    "hermes.open-timeout=0s, hermes.open-timeout is 0 ms; it must be more than zero.",
    "hermes.topic-prefix=a/b, hermes.topic-prefix is 'a/b'. Use letters",
    "spring.kafka.bootstrap-servers=a, spring.kafka.bootstrap-servers is 'a'. Set it to host:port",
    "spring.kafka.consumer.bootstrap-servers=a, spring.kafka.consumer.bootstrap-servers is 'a'.",
    "hermes.clusters.eu.bootstrap-servers=a, hermes.clusters.eu.bootstrap-servers is 'a'.",
    "hermes.publisher.max-in-flight-records=0, hermes.publisher.max-in-flight-records must be 1 to",
    "hermes.publisher.max-in-flight-bytes=0B, hermes.publisher.max-in-flight-bytes must be 1 to",
    "hermes.publisher.max-wait=-1s, hermes.publisher.max-wait must not be negative",
    "hermes.publisher.delivery-timeout=5s, hermes.publisher.delivery-timeout must be at least 10005",
    "hermes.drain-timeout=-1s, 'hermes.drain-timeout must not be negative, but is -1 s.'",
    "hermes.subscribers.g.drain-timeout=-1s, hermes.subscribers.g.drain-timeout must not be",
    "hermes.subscribers.[a.b].concurrency=0, hermes.subscribers.[a.b].concurrency must be 1 or",
    "hermes.max-batch=0, 'hermes.max-batch must be 1 or more, not 0.'",
    "hermes.max-in-flight-records=0, hermes.max-in-flight-records must be 1 or more",
    "hermes.max-in-flight-bytes=0B, hermes.max-in-flight-bytes must be 1 byte or more",
    "hermes.on-error.attempts=-1, hermes.on-error.attempts must be 1 or more",
    "hermes.on-error.backoff=0s, hermes.on-error.backoff must be longer than zero",
    "hermes.on-error.max-backoff=0s, hermes.on-error.max-backoff must be longer than zero",
    "hermes.from=soon, 'hermes.from is ''soon'', which is not a position.'",
    "hermes.subscribers.g.cluster=us, hermes.subscribers.g.cluster names the cluster 'us'",
    "spring.kafka.consumer.auto-offset-reset=none, spring.kafka.consumer.auto-offset-reset is 'none'"
  })
  void aValueThatTheClientRefusesIsReportedAsTheProperty(String given, String beginning) {
    context
        .withBean(Listening.class)
        .withPropertyValues(given)
        .run(
            context -> {
              FailureAnalysis analysis = analysis(context);
              assertThat(analysis.getDescription() + " " + analysis.getAction())
                  .startsWith(beginning)
                  .doesNotContainPattern("[a-z](Timeout|Servers|Prefix|Wait|InFlight)");
            });
  }

  @Test
  void anExceptionOfTheClientIsShownAsProblemAndAction() {
    FailureAnalysis analysis =
        analysis(
            new UnknownTopicException(
                "orders",
                "Topic orders does not exist at localhost:9092.",
                "Create it, with TopicAdmin or with createTopics() of a publisher's builder.",
                null));
    assertThat(analysis.getDescription())
        .isEqualTo("Topic orders does not exist at localhost:9092.");
    assertThat(analysis.getAction())
        .isEqualTo("Create it, or with hermes.publisher.create-topics=true.");
    analysis = analysis(new HermesException("It is closed.", null));
    assertThat(analysis.getDescription()).isEqualTo("It is closed.");
    assertThat(analysis.getAction()).isNull();
  }

  private static FailureAnalysis analysis(HermesException failure) {
    return Objects.requireNonNull(new HermesFailureAnalyzer().analyze(failure));
  }

  static class Listening {
    Listening(HermesPublisher<UserEvent> publisher) {}

    @HermesListener(group = "g")
    void handle(List<Delivery<UserEvent>> events) {}

    @HermesListener(group = "a.b")
    void also(UserEvent event) {}
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(HermesAutoConfiguration.class)
  static class Bare {}

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void whatSpringBootPrintsHasTheValidValuesAndTheNameThatWasMeant(CapturedOutput output) {
    for (String argument :
        List.of("--hermes.subscribers.g.on-error.then=drop", "--hermes.concurency=3")) {
      assertThatThrownBy(
              () ->
                  SpringApplication.run(
                      Bare.class, argument, "--spring.main.web-application-type=none"))
          .isInstanceOf(Exception.class);
    }
    assertThat(output)
        .contains("hermes.subscribers.g.on-error.then", "DEAD_LETTER", "SKIP", "STOP")
        .doesNotContain("RETRY")
        .contains("\"hermes.concurency\" from property source \"commandLineArgs\") is not a")
        .contains(" Did you mean hermes.concurrency?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hermes.concurency=3",
        "hermes.subscribers.billing.concurrencyy=3",
        "hermes.publisher.max-waits=3s",
        "hermes.on-error.retry=3",
        "hermes.clusters.eu.bootstrap-server=a:1"
      })
  void anUnknownPropertyIsRefusedByName(String property) {
    context
        .withPropertyValues(property)
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining(
                        property.startsWith("hermes.clusters")
                            ? "hermes.clusters.eu.bootstrap-server"
                            : property.substring(0, property.indexOf('='))));
  }

  @ParameterizedTest
  @CsvSource({
    "hermes.concurency=3, hermes.concurrency",
    "hermes.publisher.max-waits=3s, hermes.publisher.max-wait",
    "hermes.onError.atempts=3, hermes.on-error.attempts",
    "hermes.subscribers.billing.concurrencyy=3, hermes.subscribers.billing.concurrency",
    "hermes.subscriber.billing.drain-timeout=3s, hermes.subscribers.billing.drain-timeout",
    "hermes.subscribers.[a.b].topic=x, hermes.subscribers.[a.b].topics",
    "hermes.clusters.eu.bootstrap-server=a:1, hermes.clusters.eu.bootstrap-servers"
  })
  void anUnknownPropertyIsRefusedWithTheOneThatWasProbablyMeant(String property, String meant) {
    context
        .withPropertyValues(property)
        .run(
            context -> {
              Throwable failure = context.getStartupFailure();
              FailureAnalysis unknown =
                  new UnknownPropertyAnalyzer().analyze(Objects.requireNonNull(failure));
              FailureAnalysis analysis = unknown == null ? analysis(context) : unknown;
              assertThat(analysis.getDescription()).endsWith(" Did you mean " + meant + "?");
              assertThat(analysis.getAction()).isEqualTo("Correct or remove it.");
            });
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void aMisspeltPropertyOfSpringKafkaIsReportedOnceWithTheRightName(CapturedOutput output) {
    context
        .withPropertyValues(
            "spring.kafka.bootstrap-server=a:1", "spring.kafka.properties.max.pol.records=7")
        .run(context -> assertThat(context).hasNotFailed());
    assertThat(output)
        .containsOnlyOnce(
            "spring.kafka.bootstrap-server is not a Spring Boot property for Kafka. Did you mean"
                + " spring.kafka.bootstrap-servers? It is ignored: correct or remove it.")
        .containsOnlyOnce(
            "Kafka's clients have no property max.pol.records. Did you mean max.poll.records?");
  }
}
