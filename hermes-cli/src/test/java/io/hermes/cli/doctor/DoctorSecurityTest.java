package io.hermes.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doctor with a broker that wants TLS and a password. */
@Timeout(60)
@Tag("slow")
class DoctorSecurityTest {

  private static final String SECRET = "swordfish-of-the-test";
  private static final String PLAIN_LOGIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
          + " password=\""
          + SECRET
          + "\" user_admin=\""
          + SECRET
          + "\";";

  private static EmbeddedKafka kafka;
  private static Map<String, String> environment;
  private static Path otherCertificate;

  @BeforeAll
  static void start(@TempDir Path temp) throws Exception {
    Path certificate = certificate(temp, "broker", 1);
    otherCertificate = certificate(temp, "other", 1);
    String listener = "listener.name.client.";
    kafka =
        EmbeddedKafka.builder()
            .property("listener.security.protocol.map", "CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT")
            .property("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512")
            .property("sasl.mechanism.inter.broker.protocol", "PLAIN")
            .property(listener + "plain.sasl.jaas.config", PLAIN_LOGIN)
            .property(
                listener + "scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;")
            .property("ssl.keystore.location", temp.resolve("broker.p12").toString())
            .property("ssl.keystore.password", SECRET)
            .property("ssl.keystore.type", "PKCS12")
            .property("ssl.truststore.location", temp.resolve("broker.p12").toString())
            .property("ssl.truststore.password", SECRET)
            .property("ssl.truststore.type", "PKCS12")
            .start();
    environment =
        Map.of(
            "KAFKA_BROKER",
            kafka.bootstrapServers(),
            "KAFKA_SECURITY_PROTOCOL",
            "SASL_SSL",
            "KAFKA_SASL_MECHANISM",
            "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME",
            "billing",
            "KAFKA_SASL_PASSWORD",
            SECRET,
            "KAFKA_SSL_CA_FILE",
            certificate.toString());
    try (Admin admin = Admin.create(administrator(certificate))) {
      ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
      admin
          .alterUserScramCredentials(
              List.of(new UserScramCredentialUpsertion("billing", info, SECRET)))
          .all()
          .get(30, SECONDS);
    }
  }

  private static Map<String, Object> administrator(Path certificate) {
    return Map.of(
        "bootstrap.servers",
        kafka.bootstrapServers(),
        "security.protocol",
        "SASL_SSL",
        "sasl.mechanism",
        "PLAIN",
        "sasl.jaas.config",
        PLAIN_LOGIN,
        "ssl.truststore.location",
        certificate.toString(),
        "ssl.truststore.type",
        "PEM");
  }

  /** A key store of that name with a certificate for 127.0.0.1, and the certificate as PEM. */
  private static Path certificate(Path folder, String name, int days) throws Exception {
    Path pem = folder.resolve(name + ".pem");
    String store = folder.resolve(name + ".p12").toString();
    keytool(
        "-genkeypair",
        "-alias",
        name,
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-validity",
        Integer.toString(days),
        "-ext",
        "san=ip:127.0.0.1",
        "-keystore",
        store);
    keytool("-exportcert", "-rfc", "-alias", name, "-file", pem.toString(), "-keystore", store);
    return pem;
  }

  private static void keytool(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", SECRET));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void theCommandThatAbortsATransactionNamesAFileWithCredentials() throws Exception {
    Path certificate = Path.of(environment.get("KAFKA_SSL_CA_FILE"));
    Map<String, Object> config = new HashMap<>(administrator(certificate));
    try (Admin admin = Admin.create(config)) {
      NewTopic topic = new NewTopic("user.events", 1, (short) 1);
      admin.createTopics(List.of(topic)).all().get(30, SECONDS);
    }
    config.put("transactional.id", "settlement-7");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("user.events", 0, null, new byte[1])).get(30, SECONDS);
      assertThat(doctor(Map.of()).out())
          .contains(
              "kafka-transactions.sh --bootstrap-server "
                  + kafka.bootstrapServers()
                  + " --command-config admin.properties abort --topic user.events --partition 0"
                  + " --start-offset 0");
      producer.abortTransaction();
    }
  }

  private static Run doctor(Map<String, String> changes) {
    Map<String, String> all = new HashMap<>(environment);
    changes.forEach(all::replace);
    Run run = Run.hermes(new Stop(), Look.PLAIN, all, "doctor");
    assertThat(run.out() + run.err()).doesNotContain(SECRET);
    return run;
  }

  @Test
  void theHandshakeAndThePasswordAreSeenToWork() {
    assertThat(doctor(Map.of()).out())
        .contains(kafka.bootstrapServers() + ", sasl_ssl")
        .containsPattern("warning  tls +the handshake works, .* ends at 20") // within a day
        .contains("ok       sasl           the credentials are accepted, with SCRAM-SHA-512")
        .contains("ok       broker         cluster ")
        .contains("ok       advertised     " + kafka.bootstrapServers())
        .contains("failure  topics         missing: orders.events");
  }

  @Test
  void aWrongPasswordIsNotTakenForAWrongCertificate() {
    Run run = doctor(Map.of("KAFKA_SASL_PASSWORD", "wrong"));
    assertThat(run.out())
        .containsPattern("warning  tls +the handshake works")
        .containsPattern(
            "failure  sasl +The brokers at \\S+ refused the user name or the password \\(.+\\)\\.\\R"
                + " +Correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        .contains("skipped  broker");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void anAuthorityThatIsNotTrustedIsATlsFailure() {
    Run run = doctor(Map.of("KAFKA_SSL_CA_FILE", otherCertificate.toString()));
    assertThat(run.out()).contains("failure  tls ", "Set KAFKA_SSL_CA to").doesNotContain("sasl  ");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void aClientWithoutTlsIsToldThatTheBrokerHasIt() {
    Run run = Run.hermes(kafka.bootstrapServers(), "doctor");
    assertThat(run.out())
        .contains("uses TLS, but this program does not", "Set KAFKA_SECURITY_PROTOCOL to SSL");
    assertThat(run.exitCode()).isEqualTo(1);
  }
}
