package io.hermes.kafka;

import io.hermes.testkit.KafkaCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A real broker, in a JVM of its own, that wants TLS and a password; it knows one user. */
final class SecureBroker implements AutoCloseable {

  static final String USER = "billing \"and\" more";
  static final String PASSWORD = "pla;nted \"s\\ecret\" wheatear";

  private static final String ADMIN = "admin-of-the-test";

  private final KafkaCluster cluster;
  private final String ca;

  SecureBroker(Certificates authority) {
    Certificates.Signed server = authority.issue();
    ca = authority.pem();
    String listener = "listener.name.client.";
    cluster =
        KafkaCluster.builder()
            .property("listener.security.protocol.map", "CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT")
            .property("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512")
            .property("sasl.mechanism.inter.broker.protocol", "PLAIN")
            .property(
                listener + "plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                    + ADMIN
                    + "\" password=\""
                    + ADMIN
                    + "\" user_"
                    + ADMIN
                    + "=\""
                    + ADMIN
                    + "\";")
            .property(listener + "scram-sha-256.sasl.jaas.config", scram())
            .property(listener + "scram-sha-512.sasl.jaas.config", scram())
            .property(
                listener + "connections.max.reauth.ms", "2500") // more than once a second fails
            .property("ssl.keystore.type", "PEM")
            .property("ssl.keystore.certificate.chain", server.certificatePem())
            .property("ssl.keystore.key", server.keyPem())
            .property("ssl.truststore.type", "PEM")
            .property("ssl.truststore.certificates", ca)
            .start();
    Map<String, String> admin = new HashMap<>(environment("PLAIN", ADMIN, ADMIN));
    try (Admin client =
        Admin.create(KafkaSettings.fromEnvironment(admin).adminProperties(Map.of()))) {
      addUser(client, ScramMechanism.SCRAM_SHA_256);
      addUser(client, ScramMechanism.SCRAM_SHA_512);
    }
  }

  private static void addUser(Admin client, ScramMechanism mechanism) {
    client
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    USER, new ScramCredentialInfo(mechanism, 4096), PASSWORD)))
        .all()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }

  private static String scram() {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  }

  int port() {
    return cluster.broker(1).port();
  }

  /** What a client that knows it all has in its environment; for changing. */
  Map<String, String> environment() {
    return environment("SCRAM-SHA-512", USER, PASSWORD);
  }

  private Map<String, String> environment(String mechanism, String user, String password) {
    return new HashMap<>(
        Map.of(
            "KAFKA_BROKER", cluster.bootstrapServers(),
            "KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
            "KAFKA_SASL_MECHANISM", mechanism,
            "KAFKA_SASL_USERNAME", user,
            "KAFKA_SASL_PASSWORD", password,
            "KAFKA_SSL_CA", ca));
  }

  @Override
  public void close() {
    cluster.close();
  }
}
