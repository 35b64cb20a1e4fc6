package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** SSL bundles of Spring Boot, with real brokers that want TLS. */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("NullAway.Init") // JUnit calls start first
class SslBundleTest {

  private static final String UNTRUSTED =
      "is signed by an authority that this client does not trust";

  @TempDir private static Path files;

  private static Identity server;
  private static Identity client;
  private static EmbeddedKafka broker; // takes any client
  private static EmbeddedKafka strict; // takes clients that it knows

  @BeforeAll
  static void start() throws Exception {
    server = Identity.make(files, "server");
    client = Identity.make(files, "client");
    Identity.writeTrustStore(files.resolve("server-trust.p12"), server, client);
    Identity.writeTrustStore(files.resolve("client-trust.p12"), server);
    Identity.writeTrustStore(files.resolve("wrong-trust.p12"), client);
    Path trust = files.resolve("server-trust.p12");
    broker = SecureService.broker(server, "none", trust).start();
    strict = SecureService.broker(server, "required", trust).start();
  }

  @AfterAll
  static void stop() {
    broker.close();
    strict.close();
  }

  private static Path write(String name, String text) throws Exception {
    return Files.writeString(files.resolve(name), text);
  }

  private static ApplicationContextRunner serviceOn(EmbeddedKafka kafka) {
    return Services.without()
        .withBean(SecureService.class)
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "spring.kafka.ssl.bundle=kafka",
            "hermes.create-topics=true",
            "hermes.publisher.create-topics=true");
  }

  private static ApplicationContextRunner withStores(
      ApplicationContextRunner service, String trustStore, String... more) {
    String bundle = "spring.ssl.bundle.jks.kafka.";
    return service
        .withPropertyValues(
            bundle + "truststore.location=file:" + files.resolve(trustStore),
            bundle + "truststore.password=" + Identity.PASSWORD,
            bundle + "truststore.type=PKCS12")
        .withPropertyValues(more);
  }

  @Test
  void aBundleOfPemFilesIsEnoughForTls() throws Exception {
    serviceOn(broker)
        .withPropertyValues(
            "spring.ssl.bundle.pem.kafka.truststore.certificate=file:"
                + write("server.pem", server.certificatePem()))
        .run(context -> context.getBean(SecureService.class).assertWorks("by pem"));
  }

  @Test
  void aBundleOfPemFilesWithAKeyIsEnoughForMutualTls() throws Exception {
    String bundle = "spring.ssl.bundle.pem.kafka.";
    serviceOn(strict)
        .withPropertyValues(
            bundle + "truststore.certificate=" + server.certificatePem(),
            bundle + "keystore.certificate=file:" + write("client.pem", client.certificatePem()),
            bundle + "keystore.private-key=file:" + write("client.key", client.keyPem()))
        .run(context -> context.getBean(SecureService.class).assertWorks("by key"));
  }

  @Test
  void aBundleOfStoresIsEnoughForMutualTls() {
    String keyStore = "spring.ssl.bundle.jks.kafka.keystore.";
    withStores(
            serviceOn(strict),
            "client-trust.p12",
            keyStore + "location=file:" + client.store(),
            keyStore + "password=" + Identity.PASSWORD,
            keyStore + "type=PKCS12",
            "spring.ssl.bundle.jks.kafka.options.enabled-protocols=TLSv1.2")
        .run(context -> context.getBean(SecureService.class).assertWorks("by store"));
  }

  @Test
  void aNamedClusterHasABundleOfItsOwn() {
    withStores(
            Services.without(),
            "client-trust.p12",
            "spring.kafka.bootstrap-servers=localhost:1",
            "hermes.clusters.eu.bootstrap-servers=" + broker.bootstrapServers(),
            "hermes.clusters.eu.ssl.bundle=kafka",
            "hermes.subscribers.billing.cluster=eu",
            "hermes.create-topics=true")
        .withBean(SecureService.class)
        .run(context -> Services.await("in its group", () -> Services.isUp(context, "billing-eu")));
  }

  @Test
  void aWrongTrustStoreIsOneClearFaultAndOneLogLine(CapturedOutput output) {
    withStores(serviceOn(broker), "wrong-trust.p12")
        .run(
            context -> {
              for (String name : List.of("publisher", "billing")) {
                Services.await(
                    name + " has a fault", () -> !Services.faults(context, name).isEmpty());
                List<Map<String, Object>> faults = Services.faults(context, name);
                assertThat(faults).hasSize(1);
                assertThat(faults.get(0)).containsEntry("code", "ACCESS");
                assertThat(faults.get(0).get("problem")).asString().contains(UNTRUSTED);
                assertThat(faults.get(0).get("advice"))
                    .asString()
                    .contains("add it to the trust store or SSL bundle.");
                assertThat(Services.isUp(context, name)).isFalse();
              }
              var publisher = context.getBean(SecureService.class).publisher;
              assertThat(publisher.tryPublish(Services.event("any")))
                  .failsWithin(Duration.ofSeconds(5))
                  .withThrowableThat()
                  .havingCause()
                  .withMessageContaining(UNTRUSTED);
            });
    assertThat(output.getOut().lines().filter(line -> line.contains(UNTRUSTED)))
        .hasSize(2)
        .anyMatch(line -> line.contains("Publisher of [user.events]: cannot connect"))
        .anyMatch(line -> line.contains("Group billing: cannot connect"));
  }

  @Test
  void aBundleWithoutAKeyIsRefusedByABrokerThatWantsOne() {
    withStores(serviceOn(strict), "client-trust.p12")
        .run(
            context -> {
              Services.await("a fault", () -> !Services.faults(context, "billing").isEmpty());
              assertThat(Services.faults(context, "billing").get(0))
                  .containsEntry("code", "ACCESS")
                  .hasEntrySatisfying(
                      "problem",
                      problem ->
                          assertThat(problem)
                              .asString()
                              .contains("refused this client's certificate, or require one"))
                  .hasEntrySatisfying(
                      "advice",
                      advice -> assertThat(advice).asString().contains("key store or SSL bundle"));
            });
  }

  @Test
  void aBundleThatCannotBeLoadedFailsAtStartupByName() {
    withStores(
            serviceOn(broker),
            "client-trust.p12",
            "spring.ssl.bundle.jks.kafka.truststore.password=wrong")
        .run(
            context -> {
              FailureAnalysis analysis = Services.analysis(context.getStartupFailure());
              assertThat(analysis.getDescription())
                  .startsWith(
                      "spring.kafka.ssl.bundle uses the SSL bundle 'kafka', which is invalid.")
                  .contains("Could not load store from", "client-trust.p12");
              assertThat(analysis.getAction()).isEqualTo("Correct it below spring.ssl.bundle.");
            });
  }
}
