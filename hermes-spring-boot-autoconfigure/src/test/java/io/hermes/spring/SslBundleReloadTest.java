package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.kafka.TopicAdmin;
import io.hermes.spring.ClusterProperties.Role;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

/** Certificates that are replaced while the application runs. */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("NullAway.Init") // JUnit calls prepare first
@Tag("slow")
class SslBundleReloadTest {

  private static final String RELOADED =
      "SSL bundle kafka: reloaded; new connections to Kafka use it";

  @TempDir private Path files;

  private Identity server;
  private Identity client;

  @BeforeEach
  void prepare() throws Exception {
    server = Identity.make(files, "server");
    client = Identity.make(files, "client");
  }

  private EmbeddedKafka.Builder broker(Identity own, Identity trusted) throws Exception {
    Path trust = files.resolve("trust-of-" + own.store().getFileName());
    Identity.writeTrustStore(trust, own, trusted);
    return SecureService.broker(own, "required", trust);
  }

  /** With the certificates that {@link #install} writes. */
  private ApplicationContextRunner serviceOn(EmbeddedKafka kafka) {
    String bundle = "spring.ssl.bundle.pem.kafka.";
    return Services.without()
        .withBean(SecureService.class)
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "spring.kafka.ssl.bundle=kafka",
            "spring.ssl.bundle.watch.file.quiet-period=200ms",
            "hermes.create-topics=true",
            "hermes.publisher.create-topics=true",
            bundle + "reload-on-update=true",
            bundle + "truststore.certificate=file:" + files.resolve("trusted.pem"),
            bundle + "keystore.certificate=file:" + files.resolve("own.pem"),
            bundle + "keystore.private-key=file:" + files.resolve("own.key"));
  }

  private void install(Identity own, Identity trusted) throws Exception {
    Files.writeString(files.resolve("trusted.pem"), trusted.certificatePem());
    Files.writeString(files.resolve("own.pem"), own.certificatePem());
    Files.writeString(files.resolve("own.key"), own.keyPem());
  }

  private static void assertConnects(ApplicationContext context) {
    TopicAdmin.connect(
            context.getBean(Clusters.class).settings(Clusters.DEFAULT, Role.PUBLISHER, "the test"))
        .close();
  }

  @Tag("full")
  @Test
  void aTrustStoreIsCorrectedWithoutARestart() throws Exception {
    install(client, client); // which is not the certificate of the broker
    try (EmbeddedKafka kafka = broker(server, client).start()) {
      serviceOn(kafka)
          .run(
              context -> {
                Services.await("a fault", () -> !Services.faults(context, "billing").isEmpty());
                assertThat(Services.faults(context, "billing").get(0))
                    .containsEntry("code", "ACCESS");

                install(client, server);

                Services.await("in its group", () -> Services.isUp(context, "billing"));
                Services.await("connected", () -> Services.isUp(context, "publisher"));
                context.getBean(SecureService.class).assertWorks("corrected");
              });
    }
  }

  @Test
  void storesThatCannotBeLoadedAreIgnored(CapturedOutput output) throws Exception {
    Path trust = files.resolve("client-trust.p12");
    Identity.writeTrustStore(trust, server);
    String bundle = "spring.ssl.bundle.jks.kafka.";
    try (EmbeddedKafka kafka = SecureService.broker(server, "none", trust).start()) {
      Services.without()
          .withPropertyValues(
              "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
              "spring.kafka.ssl.bundle=kafka",
              "spring.ssl.bundle.watch.file.quiet-period=200ms",
              bundle + "reload-on-update=true",
              bundle + "truststore.location=file:" + trust,
              bundle + "truststore.password=" + Identity.PASSWORD,
              bundle + "truststore.type=PKCS12")
          .run(
              context -> {
                assertConnects(context);
                Files.writeString(trust, "half of a file");
                Services.await(
                    "it says so",
                    () ->
                        output
                            .getOut()
                            .contains(
                                "SSL bundle kafka: cannot be reloaded; connections to Kafka"));
                assertConnects(context);

                Identity.writeTrustStore(trust, server);
                Services.await("reloaded", () -> output.getOut().contains(RELOADED));
                assertConnects(context);
              });
    }
    assertThat(output.getOut()).contains("client-trust.p12").doesNotContain(Identity.PASSWORD);
  }

  /** A broker on the same port with the same data, and other certificates. */
  private EmbeddedKafka next(EmbeddedKafka first, Path data, Identity own, Identity trusted)
      throws Exception {
    int port = Integer.parseInt(first.bootstrapServers().replaceFirst(".*:", ""));
    first.close();
    return broker(own, trusted).dataDir(data).port(port).start();
  }

  @Test
  @Tag("full")
  void certificatesOfBothSidesAreReplacedWithoutARestart(@TempDir Path data, CapturedOutput output)
      throws Exception {
    install(client, server);
    EmbeddedKafka first = broker(server, client).dataDir(data).start();
    Identity nextServer = Identity.make(files, "next-server");
    Identity nextClient = Identity.make(files, "next-client");
    serviceOn(first)
        .run(
            context -> {
              SecureService service = context.getBean(SecureService.class);
              service.assertWorks("first");

              install(nextClient, nextServer);
              Services.await("reloaded", () -> output.getOut().contains(RELOADED));
              service.assertWorks("connections that are open stay open");

              try (EmbeddedKafka second = next(first, data, nextServer, nextClient)) {
                assertThat(second.isAlive()).isTrue();
                service.assertWorks("second");
                Services.await("in its group", () -> Services.isUp(context, "billing"));
                assertThat(service.seen)
                    .containsExactly("first", "connections that are open stay open", "second");
              }
            });
    assertThat(output.getOut()).doesNotContain("doesn't support SSL reloading");
  }

  @Test
  @Tag("full")
  void aServiceThatGetsItsCertificatesAfterTheBrokersRecovers(@TempDir Path data) throws Exception {
    install(client, server);
    EmbeddedKafka first = broker(server, client).dataDir(data).start();
    Identity nextServer = Identity.make(files, "next-server");
    Identity nextClient = Identity.make(files, "next-client");
    serviceOn(first)
        .run(
            context -> {
              SecureService service = context.getBean(SecureService.class);
              service.assertWorks("first");
              try (EmbeddedKafka second = next(first, data, nextServer, nextClient)) {
                assertThat(second.isAlive()).isTrue();
                Services.await("a fault", () -> !Services.isUp(context, "billing"));

                install(nextClient, nextServer);
                Services.await("in its group", () -> Services.isUp(context, "billing"));
                service.assertWorks("second");
                Services.await("connected", () -> Services.isUp(context, "publisher"));
                assertThat(service.seen).containsExactly("first", "second");
              }
            });
  }
}
