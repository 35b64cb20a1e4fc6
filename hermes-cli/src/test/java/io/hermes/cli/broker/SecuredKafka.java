package io.hermes.cli.broker;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.hermes.testkit.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A broker that allows nothing that no ACL allows, except to the user {@code admin}. */
final class SecuredKafka implements AutoCloseable {

  static final String SECRET = "swordfish-of-the-test";

  private static final String LOGIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"broker\""
          + " password=\""
          + SECRET
          + "\" user_broker=\""
          + SECRET
          + "\";";

  private final EmbeddedKafka kafka;

  private SecuredKafka(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  static SecuredKafka start() throws Exception {
    String listener = "listener.name.client.";
    SecuredKafka started =
        new SecuredKafka(
            EmbeddedKafka.builder()
                .property(
                    "listener.security.protocol.map", "CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT")
                .property("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512")
                .property("sasl.mechanism.inter.broker.protocol", "PLAIN")
                .property(listener + "plain.sasl.jaas.config", LOGIN)
                .property(
                    listener + "scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;")
                .property(
                    "authorizer.class.name",
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                // ANONYMOUS is the broker towards its controller; no client is, on the other one.
                .property("super.users", "User:broker;User:admin;User:ANONYMOUS")
                .start());
    started.addUser("admin");
    return started;
  }

  /** Adds a user, which may do nothing. */
  void addUser(String name) throws Exception {
    ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
    try (Admin broker =
        Admin.create(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                LOGIN))) {
      broker
          .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(name, info, SECRET)))
          .all()
          .get(30, SECONDS);
    }
  }

  /** How a user logs in. */
  Map<String, String> environment(String user) {
    return Map.of(
        "KAFKA_BROKER",
        kafka.bootstrapServers(),
        "KAFKA_SECURITY_PROTOCOL",
        "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM",
        "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME",
        user,
        "KAFKA_SASL_PASSWORD",
        SECRET);
  }

  @Override
  public void close() {
    kafka.close();
  }
}
