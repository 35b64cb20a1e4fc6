package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From variables to Kafka's properties. */
class SecurityVariablesTest {

  private static final Certificates CA = new Certificates("ca");

  /** Names and values in turn. */
  private static Map<String, String> environment(String... pairs) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      environment.put("KAFKA_" + pairs[i], pairs[i + 1]);
    }
    return environment;
  }

  private static Map<String, Object> admin(Map<String, String> environment) {
    return KafkaSettings.fromEnvironment(environment).adminProperties(Map.of());
  }

  private static void assertWrong(String message, String... pairs) {
    assertThatThrownBy(() -> KafkaSettings.fromEnvironment(environment(pairs)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void withoutVariablesTheConnectionIsPlain() {
    assertThat(admin(Map.of("KAFKA_SASL_PASSWORD", " ")))
        .doesNotContainKeys("security.protocol", "sasl.mechanism");
  }

  @Test
  void aUserWithAPasswordOverTlsBecomesKafkasProperties() {
    Map<String, Object> properties =
        admin(
            environment(
                "SECURITY_PROTOCOL", "sasl_ssl",
                "SASL_MECHANISM", "SCRAM-SHA-256",
                "SASL_USERNAME", "billing",
                "SASL_PASSWORD", "hunter2",
                "SSL_CA", CA.pem()));
    assertThat(properties)
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-256")
        .containsEntry("ssl.truststore.type", "PEM")
        .containsEntry("ssl.truststore.certificates", new Password(CA.pem()));
    assertThat(properties.toString()).doesNotContain("hunter2").contains("[hidden]");
  }

  @Test
  void secretsComeFromFilesTooWithoutTheLastNewline(@TempDir Path directory) throws IOException {
    Certificates.Signed client = CA.issue();
    Path password = Files.writeString(directory.resolve("password"), "hunter2\n");
    Path ca = Files.writeString(directory.resolve("ca"), CA.pem());
    Path cert = Files.writeString(directory.resolve("cert"), client.certificatePem());
    Path key = Files.writeString(directory.resolve("key"), client.keyPem());
    Map<String, Object> properties =
        admin(
            environment(
                "SECURITY_PROTOCOL", "SASL_SSL",
                "SASL_MECHANISM", "PLAIN",
                "SASL_USERNAME", "billing",
                "SASL_PASSWORD_FILE", password.toString(),
                "SSL_CA_FILE", ca.toString(),
                "SSL_CERT_FILE", cert.toString(),
                "SSL_KEY_FILE", key.toString()));
    assertThat(jaas(properties)).containsEntry("password", "hunter2");
    assertThat(properties)
        .containsEntry("ssl.keystore.type", "PEM")
        .containsEntry("ssl.keystore.key", new Password(client.keyPem().stripTrailing()));
  }

  @Test
  void everyNameAndPasswordSurvivesKafkasReaderOfTheJaasLine() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "ab \"'\\;=\n\r\t#/*{}$€ü";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder("x");
      for (int n = random.nextInt(12); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String username = text.toString();
      String password = text.reverse().toString();
      Map<String, Object> properties =
          admin(
              environment(
                  "SECURITY_PROTOCOL",
                  "SASL_SSL",
                  "SASL_MECHANISM",
                  "SCRAM-SHA-512",
                  "SASL_USERNAME",
                  username,
                  "SASL_PASSWORD",
                  password + "."));
      assertThat(jaas(properties))
          .as("seed %d", seed)
          .isEqualTo(Map.of("username", username, "password", password + "."));
    }
  }

  private static Map<String, Object> jaas(Map<String, Object> properties) {
    return new HashMap<>(
        JaasContext.loadClientContext(properties).configurationEntries().get(0).getOptions());
  }

  @Test
  void saysWhatDoesNotFitTogether() {
    assertWrong("KAFKA_SECURITY_PROTOCOL is 'TLS'. Set it to one of", "SECURITY_PROTOCOL", "TLS");
    assertWrong(
        "KAFKA_SASL_PASSWORD is set without KAFKA_SECURITY_PROTOCOL", "SASL_PASSWORD", "hunter2");
    assertWrong(
        "KAFKA_SSL_CA is set with KAFKA_SECURITY_PROTOCOL=PLAINTEXT",
        "SECURITY_PROTOCOL",
        "PLAINTEXT",
        "SSL_CA_FILE",
        "ca.crt");
    assertWrong(
        "KAFKA_SASL_USERNAME is set with KAFKA_SECURITY_PROTOCOL=SSL",
        "SECURITY_PROTOCOL",
        "SSL",
        "SASL_USERNAME",
        "billing");
    assertWrong("KAFKA_SASL_MECHANISM is not set", "SECURITY_PROTOCOL", "SASL_SSL");
    assertWrong(
        "KAFKA_SASL_MECHANISM is 'GSSAPI'",
        "SECURITY_PROTOCOL",
        "SASL_SSL",
        "SASL_MECHANISM",
        "GSSAPI");
    assertWrong(
        "PLAIN sends the password unencrypted",
        "SECURITY_PROTOCOL",
        "SASL_PLAINTEXT",
        "SASL_MECHANISM",
        "PLAIN",
        "SASL_USERNAME",
        "billing",
        "SASL_PASSWORD",
        "hunter2");
    assertWrong(
        "KAFKA_SASL_PASSWORD is not set, nor KAFKA_SASL_PASSWORD_FILE",
        "SECURITY_PROTOCOL",
        "SASL_SSL",
        "SASL_MECHANISM",
        "SCRAM-SHA-512",
        "SASL_USERNAME",
        "billing");
    assertWrong(
        "KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE are both set",
        "SECURITY_PROTOCOL",
        "SASL_SSL",
        "SASL_MECHANISM",
        "SCRAM-SHA-512",
        "SASL_USERNAME",
        "billing",
        "SASL_PASSWORD",
        "hunter2",
        "SASL_PASSWORD_FILE",
        "/f");
    assertWrong(
        "KAFKA_SASL_PASSWORD_FILE names /nowhere/file, which cannot be read",
        "SECURITY_PROTOCOL",
        "SASL_SSL",
        "SASL_MECHANISM",
        "SCRAM-SHA-512",
        "SASL_USERNAME",
        "billing",
        "SASL_PASSWORD_FILE",
        "/nowhere/file");
  }

  @Test
  void saysWhatIsWrongWithACertificateOrAKeyWithoutShowingIt() {
    assertWrong(
        "KAFKA_SSL_CA has no line '-----BEGIN CERTIFICATE-----'",
        "SECURITY_PROTOCOL",
        "SSL",
        "SSL_CA",
        "/etc/hunter2.crt");
    assertWrong(
        "KAFKA_SSL_KEY is set without KAFKA_SSL_CERT",
        "SECURITY_PROTOCOL",
        "SSL",
        "SSL_KEY",
        "hunter2");
    assertWrong(
        "Convert it: openssl pkcs8",
        "SECURITY_PROTOCOL",
        "SSL",
        "SSL_CERT",
        CA.pem(),
        "SSL_KEY",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n");
    assertWrong(
        "KAFKA_SSL_KEY has no line",
        "SECURITY_PROTOCOL",
        "SSL",
        "SSL_CERT",
        CA.pem(),
        "SSL_KEY",
        "hunter2");
  }

  @Test
  void oauthbearerTakesTheRestFromTheProgramAndNamesWhatItNeeds() throws IOException {
    KafkaSettings settings =
        KafkaSettings.fromEnvironment(
                environment("SECURITY_PROTOCOL", "SASL_SSL", "SASL_MECHANISM", "OAUTHBEARER"))
            .toBuilder()
            .property("sasl.oauthbearer.token.endpoint.url", "https://login.example/token")
            .build();
    Map<String, Object> config = settings.adminProperties(Map.of());
    assertThatThrownBy(() -> settings.clients().admin(config))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(
            "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=https://login.example/token");
    try (URLClassLoader without =
        new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> OAuthBearer.check(config, without, "https://login.example/token"))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("com.fasterxml.jackson.core:jackson-databind");
    }
    assertThat(List.of("PLAINTEXT", "SSL")).noneMatch(p -> config.containsValue(p));
  }
}
