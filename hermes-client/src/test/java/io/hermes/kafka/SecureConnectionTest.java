package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testing.Events;
import io.hermes.testkit.KafkaCluster;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** From variables to a real broker that wants TLS and a password. */
@TestInstance(Lifecycle.PER_CLASS)
class SecureConnectionTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final Certificates authority = new Certificates("authority");
  private final SecureBroker broker = new SecureBroker(authority);

  @AfterAll
  void stop() {
    broker.close();
  }

  private static void connect(Map<String, String> environment) {
    KafkaSettings settings =
        KafkaSettings.fromEnvironment(environment).toBuilder().openTimeout(SOON).build();
    TopicAdmin.connect(settings).close();
  }

  private void assertRefused(String problem, String advice, Consumer<Map<String, String>> change) {
    Map<String, String> environment = broker.environment();
    change.accept(environment);
    long start = System.nanoTime();
    assertThatThrownBy(() -> connect(environment))
        .isInstanceOfSatisfying(
            AccessException.class,
            refused -> {
              assertThat(refused.problem()).contains(problem + " (").endsWith(").");
              assertThat(refused.advice().orElse("")).startsWith(advice);
            })
        .hasMessageNotContaining(SecureBroker.PASSWORD);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }

  @Test
  void theRightPasswordOpensTheBrokerWithEitherScram() {
    for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
      Map<String, String> environment = broker.environment();
      environment.put("KAFKA_SASL_MECHANISM", mechanism);
      try (TopicAdmin topics = TopicAdmin.connect(KafkaSettings.fromEnvironment(environment))) {
        assertThat(topics.createIfMissing(mechanism, OptionalInt.of(1), Map.of())).isTrue();
      }
    }
  }

  @Tag("slow")
  @Test
  void connectionsThatMustProveThemselvesAgainLoseNothing() throws Exception {
    KafkaSettings settings = KafkaSettings.fromEnvironment(broker.environment());
    Topic<UserEvent> topic = Events.topic("proved-again");
    Set<Integer> handled = ConcurrentHashMap.newKeySet();
    int published = 0;
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(topic.name(), OptionalInt.of(1), Map.of());
    }
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open();
        var subscriber =
            HermesSubscriber.builder(topic)
                .settings(settings)
                .group("proved-again")
                .start(delivery -> handled.add(Events.number(delivery.event())))) {
      long untilNs = System.nanoTime() + SOON.toNanos();
      while (reauthentications("producer") == 0 || reauthentications("consumer") == 0) {
        assertThat(System.nanoTime()).isLessThan(untilNs);
        assertThat(publisher.publishAndWait(Events.login("u", published++), SOON)).isNotNull();
      }
      while (handled.size() < published) {
        assertThat(System.nanoTime()).isLessThan(untilNs);
        Thread.sleep(5);
      }
      assertThat(subscriber.health().isHealthy()).as(subscriber.health().toString()).isTrue();
    }
  }

  /** How often the producers or consumers of this JVM have proved themselves again. */
  private static double reauthentications(String client) throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName all = new ObjectName("kafka." + client + ":type=" + client + "-metrics,*");
    double sum = 0;
    for (ObjectName one : beans.queryNames(all, null)) {
      for (MBeanAttributeInfo attribute : beans.getMBeanInfo(one).getAttributes()) {
        if (attribute.getName().equals("successful-reauthentication-total")) {
          sum += (double) beans.getAttribute(one, attribute.getName());
        }
      }
    }
    return sum;
  }

  @Test
  void aWrongPasswordSaysSo() {
    assertRefused(
        "refused the user name or the password",
        "Correct KAFKA_SASL_USERNAME",
        e -> e.put("KAFKA_SASL_PASSWORD", "wrong"));
  }

  @Test
  void anUnknownAuthoritySaysSo() {
    String problem = "signed by an authority that this client does not trust";
    String advice = "Set KAFKA_SSL_CA";
    assertRefused(problem, advice, e -> e.put("KAFKA_SSL_CA", new Certificates("another").pem()));
    assertRefused(problem, advice, e -> e.remove("KAFKA_SSL_CA"));
  }

  @Test
  void aCertificateForAnotherHostSaysSo() {
    assertRefused(
        "is for another host",
        "Connect with a host name",
        e -> e.put("KAFKA_BROKER", "localhost:" + broker.port()));
  }

  @Test
  void anExpiredCertificateSaysSo() throws Exception {
    // A broker refuses to start with one: a TLS server as such is what the client meets first.
    try (ServerSocket server = tls(authority.issue(Duration.ofDays(-1)))) {
      assertRefused(
          "has expired",
          "Renew it",
          e -> e.put("KAFKA_BROKER", "127.0.0.1:" + server.getLocalPort()));
    }
  }

  @Test
  void aClientWithoutTlsIsToldThatThePortSpeaksIt() {
    Map<String, String> environment =
        Map.of("KAFKA_BROKER", broker.environment().get("KAFKA_BROKER"));
    KafkaSettings settings =
        KafkaSettings.fromEnvironment(environment).toBuilder()
            .openTimeout(Duration.ofSeconds(4))
            .build();
    assertThatThrownBy(() -> TopicAdmin.connect(settings))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageStartingWith(settings.bootstrapServers() + " uses TLS, but this client does not")
        .hasMessageContaining("KAFKA_SECURITY_PROTOCOL");
  }

  @Test
  void aServerThatSpeaksNoTlsSaysSo() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      serve(
          server,
          socket -> {
            socket
                .getOutputStream()
                .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
          });
      assertRefused(
          "does not speak TLS",
          "Correct the port",
          e -> e.put("KAFKA_BROKER", "127.0.0.1:" + server.getLocalPort()));
    }
  }

  @Test
  @Tag("full")
  void aBrokerThatWantsACertificateTakesTheRightOneAndSaysWhatItLacks() {
    Certificates.Signed server = authority.issue();
    try (KafkaCluster kafka =
        KafkaCluster.builder()
            .property("listener.security.protocol.map", "CLIENT:SSL,CONTROLLER:PLAINTEXT")
            .property("ssl.client.auth", "required")
            .property("ssl.keystore.type", "PEM")
            .property("ssl.keystore.certificate.chain", server.certificatePem())
            .property("ssl.keystore.key", server.keyPem())
            .property("ssl.truststore.type", "PEM")
            .property("ssl.truststore.certificates", authority.pem())
            .start()) {
      Map<String, String> environment = new HashMap<>();
      environment.put("KAFKA_BROKER", kafka.bootstrapServers());
      environment.put("KAFKA_SECURITY_PROTOCOL", "SSL");
      environment.put("KAFKA_SSL_CA", authority.pem());
      assertThatThrownBy(() -> connect(environment))
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("refused this client's certificate, or require one");
      Certificates.Signed client = authority.issue();
      environment.put("KAFKA_SSL_CERT", client.certificatePem());
      environment.put("KAFKA_SSL_KEY", client.keyPem());
      connect(environment);
    }
  }

  @Tag("slow")
  @Test
  void noSecretIsPrintedEvenAtDebug(@TempDir Path directory) throws Exception {
    Certificates.Signed client = authority.issue();
    Map<String, String> environment = broker.environment();
    environment.put("KAFKA_SSL_CERT", client.certificatePem());
    environment.put("KAFKA_SSL_KEY", client.keyPem());

    String output = PlantedSecretMain.run(environment, directory);

    assertThat(output)
        .contains("DEBUG", "sasl.jaas.config = [hidden]", "ssl.keystore.key = [hidden]")
        .contains("connected", "refused: io.hermes.AccessException", "KafkaSettings[");
    String keyLine = client.keyPem().lines().skip(1).findFirst().orElseThrow();
    assertThat(output).doesNotContain("wheatear", "pla;nted", keyLine);
  }

  private static ServerSocket tls(Certificates.Signed server) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        server.keys().getPrivate(),
        new char[0],
        new java.security.cert.Certificate[] {server.certificate()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    ServerSocket socket =
        context
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    serve(socket, connection -> connection.getInputStream().readAllBytes());
    return socket;
  }

  private interface Connection {
    void serve(Socket socket) throws IOException;
  }

  /** Serves one connection after the other until the socket is closed. */
  private static void serve(ServerSocket server, Connection connection) {
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  connection.serve(socket);
                } catch (IOException refusedByClient) {
                  // The handshake failed, as it should, or the test is over.
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
