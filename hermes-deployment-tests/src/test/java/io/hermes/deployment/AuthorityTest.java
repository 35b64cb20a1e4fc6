package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What deploy.sh, connect.sh and rotate-ca.sh do about authorities and certificates that end. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
class AuthorityTest {

  private static final String ADDRESS = "203.0.113.10";
  private static final int BOTH = 2;

  @TempDir static Path template;
  private static StubbedScripts deployed;

  @TempDir Path directory;

  private StubbedScripts scripts;

  @BeforeAll
  static void deploy() throws IOException {
    deployed = new StubbedScripts(template).digitalOcean(ADDRESS).advertise();
    deployed.run("deploy.sh", "--ha").expectSuccess();
    deployed.forgetCalls();
  }

  @BeforeEach
  void copy() throws IOException {
    scripts = deployed.copyTo(directory);
  }

  @Test
  void aLostAuthorityStopsTheDeploymentBeforeAnythingChanges() throws IOException {
    delete("kafka-ca");

    Result refused = scripts.run("deploy.sh", "--ha");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.output())
        .contains("error: Secret kafka-ca, which signs the brokers' certificates, is missing.")
        .contains("create secret generic kafka-ca --from-file=ca.crt", "rotate-ca.sh start")
        .contains("The brokers' certificate is good until ");
    assertThat(scripts.calls()).noneMatch(c -> c.contains(" replace ") || c.contains(" create "));
    assertThat(scripts.state("secrets/kafka-ca")).doesNotExist();
  }

  @Test
  @Tag("full")
  void aLostAuthorityIsReplacedWhileBrokersAndClientsStillTrustIt() throws IOException {
    String trusted = secret("kafka-tls/ca.crt");
    delete("kafka-ca");

    scripts.run("rotate-ca.sh", "start").expectSuccess();
    assertThat(secret("kafka-tls/ca.crt")).startsWith(trusted).satisfies(c -> has(c, BOTH));
    assertThat(scripts.state("secrets/kafka-ca/ca.key")).doesNotExist();
    scripts.run("rotate-ca.sh", "switch", "--yes").expectSuccess();
    scripts.run("rotate-ca.sh", "finish").expectSuccess();
    assertThat(secret("kafka-tls/ca.crt")).isNotEqualTo(trusted).satisfies(c -> has(c, 1));
    assertThat(secret("kafka-tls/ca.crt")).isEqualTo(secret("kafka-ca/ca.crt"));
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete"));
  }

  @Test
  @Tag("full")
  void anAuthorityIsReplacedInThreeStepsThatRestartBrokersInTurn() throws IOException {
    String old = secret("kafka-ca/ca.crt");
    String certificate = secret("kafka-tls/tls.crt");
    String password = secret("kafka-client/password");
    String before = scripts.statefulSet();
    assertThat(scripts.run("rotate-ca.sh", "switch").output()).contains("rotate-ca.sh start");

    Result start = scripts.run("rotate-ca.sh", "start").expectSuccess();
    assertThat(start.output()).contains("brokers trust both authorities. Give every client");
    assertThat(secret("kafka-tls/ca.crt")).startsWith(old).satisfies(c -> has(c, BOTH));
    assertThat(secret("kafka-client/ca.crt")).isEqualTo(secret("kafka-tls/ca.crt"));
    assertThat(secret("kafka-tls/tls.crt")).isEqualTo(certificate);
    String started = scripts.statefulSet();
    assertThat(started).isNotEqualTo(before).contains("replicas: 3");
    assertThat(scripts.run("rotate-ca.sh", "finish").output()).contains("rotate-ca.sh switch");

    // A deployment in between, or the same step again, changes nothing.
    scripts.run("deploy.sh", "--ha").expectSuccess();
    scripts.run("rotate-ca.sh", "start").expectSuccess();
    assertThat(scripts.statefulSet()).isEqualTo(started);

    assertThat(scripts.run("rotate-ca.sh", "switch").output()).contains("pass --yes");
    scripts.run("rotate-ca.sh", "switch", "--yes").expectSuccess();
    assertThat(secret("kafka-tls/tls.crt")).isNotEqualTo(certificate);
    assertThat(secret("kafka-tls/ca.crt")).startsWith(old).satisfies(c -> has(c, BOTH));
    assertThat(secret("kafka-ca/ca.crt")).isNotEqualTo(old);
    verify("kafka-ca/ca.crt", "kafka-tls/tls.crt");

    scripts.run("rotate-ca.sh", "finish").expectSuccess();
    assertThat(secret("kafka-client/ca.crt")).isEqualTo(secret("kafka-ca/ca.crt"));
    assertThat(secret("kafka-tls/ca.crt")).isEqualTo(secret("kafka-ca/ca.crt"));
    assertThat(secret("kafka-client/password")).isEqualTo(password);
    assertThat(
            files(scripts.state("secrets/kafka-ca")).stream().map(f -> f.getFileName().toString()))
        .containsExactlyInAnyOrder("ca.crt", "ca.key");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete"));
  }

  @Tag("full")
  @Test
  void anExpiredCertificateIsRenewedOnAllBrokersTogether() throws IOException {
    expire("kafka-tls/tls.crt", 0);
    assertThat(scripts.run("connect.sh").output())
        .contains("WARNING: the brokers' certificate ends on ");
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("The brokers' certificate has expired", "pass --yes");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete") || c.contains("replace"));

    scripts.run("deploy.sh", "--ha", "--yes").expectSuccess();

    List<String> calls = scripts.calls();
    assertThat(calls).anyMatch(c -> c.contains("delete statefulset kafka-broker --cascade=fore"));
    verify("kafka-ca/ca.crt", "kafka-tls/tls.crt");
    assertThat(scripts.run("connect.sh").output()).doesNotContain("WARNING");
  }

  @Test
  @Tag("full")
  void aCertificateOfTheLastThirtyDaysIsRenewedInTurn() throws IOException {
    expire("kafka-tls/tls.crt", 29);
    assertThat(scripts.run("connect.sh").output()).contains("k8s/deploy.sh renews it");

    scripts.run("deploy.sh", "--ha").expectSuccess();

    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete"));
    assertThat(scripts.run("connect.sh").output()).doesNotContain("WARNING");
  }

  @Test
  @Tag("full")
  void anAuthorityThatEndsIsWarnedOfAndAnExpiredOneIsReplacedAtOnce() throws IOException {
    expire("kafka-ca/ca.crt", 100);
    assertThat(scripts.run("connect.sh").output())
        .contains("WARNING: the certificate authority ends on ", "rotate-ca.sh --help");
    expire("kafka-ca/ca.crt", 0);
    expire("kafka-tls/tls.crt", 0);
    Result refused = scripts.run("deploy.sh", "--ha", "--yes");
    assertThat(refused.output()).contains("has expired", "rotate-ca.sh at-once");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete") || c.contains("replace"));

    scripts.run("rotate-ca.sh", "at-once", "--yes").expectSuccess();

    assertThat(scripts.calls()).anyMatch(c -> c.contains("delete statefulset kafka-broker"));
    verify("kafka-client/ca.crt", "kafka-tls/tls.crt");
    assertThat(secret("kafka-client/ca.crt")).satisfies(c -> has(c, 1));
  }

  @Test
  @Tag("full")
  void aCertificateOfCertManagerIsTakenOver() throws IOException {
    Path tls = scripts.state("secrets/kafka-certificate");
    makeCertificate(tls, "203.0.113.99");
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("the certificate in Secret kafka-certificate has expired, or does not name ")
        .contains("IPAddress:203.0.113.99");
    makeCertificate(tls, ADDRESS, "*.kafka-brokers.kafka.svc.cluster.local");
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("lacks the names localhost broker-internal.kafka.svc.cluster.local, by which");
    makeCertificate(
        tls,
        ADDRESS,
        "localhost",
        "broker-internal.kafka.svc.cluster.local",
        "*.kafka-brokers.kafka.svc.cluster.local");
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("authority that the running brokers do not trust", "pass --yes")
        .contains("keep the authority that clients trust, as ");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete") || c.contains("replace"));

    scripts.run("deploy.sh", "--ha", "--yes").expectSuccess();

    assertThat(secret("kafka-tls/tls.crt")).isEqualTo(secret("kafka-certificate/tls.crt"));
    assertThat(secret("kafka-tls/keystore.pem"))
        .startsWith("-----BEGIN PRIVATE KEY-----")
        .endsWith(secret("kafka-tls/tls.crt"));
    assertThat(secret("kafka-client/ca.crt")).isEqualTo(secret("kafka-certificate/ca.crt"));
    scripts.forgetCalls();
    scripts.run("deploy.sh", "--ha").expectSuccess();
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete") || c.contains("replace"));
    assertThat(scripts.run("rotate-ca.sh", "start").output()).contains("such as cert-manager");
  }

  @Test
  @Tag("full")
  void aCertificateByWhichBrokersWouldNotKnowEachOtherIsRefused() throws IOException {
    Path tls = scripts.state("secrets/kafka-certificate");
    String names = "IP:" + ADDRESS + ",DNS:localhost,DNS:broker-internal.kafka.svc.cluster.local";
    names += ",DNS:*.kafka-brokers.kafka.svc.cluster.local";
    String subject = "/O=Hermes/CN=kafka-broker";

    selfSigned(tls, "/O=Company/CN=kafka", "subjectAltName=" + names);
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("its subject is O=Company/CN=kafka, but the authorizer knows brokers as");
    selfSigned(tls, subject, "subjectAltName=" + names + "\nextendedKeyUsage=serverAuth");
    assertThat(scripts.run("deploy.sh", "--ha").output())
        .contains("its extended key usage lacks Client authentication");
    // Without the extension, a certificate is for all uses.
    selfSigned(tls, subject, "subjectAltName=" + names);
    assertThat(scripts.run("deploy.sh", "--ha").output()).contains("pass --yes");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete") || c.contains("replace"));
  }

  private void selfSigned(Path secret, String subject, String extensions) throws IOException {
    delete("kafka-certificate");
    Files.createDirectories(secret);
    Path request = Files.createTempDirectory(directory, "made").resolve("csr");
    Path file = Repository.write(request.resolveSibling("extensions"), extensions + "\n");
    String key = secret.resolve("tls.key").toString();
    openssl("genrsa", "-out", key, "2048");
    openssl("req", "-new", "-key", key, "-subj", subject, "-out", request.toString());
    String certificate = secret.resolve("tls.crt").toString();
    openssl(
        "x509",
        "-req",
        "-in",
        request.toString(),
        "-signkey",
        key,
        "-days",
        "90",
        "-extfile",
        file.toString(),
        "-out",
        certificate);
    Files.copy(secret.resolve("tls.crt"), secret.resolve("ca.crt"));
  }

  @Test
  void theExampleForCertManagerAsksForTheNamesThatDeployWouldUse() throws IOException {
    openssl(
        "x509",
        "-noout",
        "-ext",
        "subjectAltName",
        "-in",
        scripts.state("secrets/kafka-tls/tls.crt").toString(),
        "-out",
        directory.resolve("names").toString());
    List<String> names =
        Pattern.compile("DNS:([a-z0-9.-]+)")
            .matcher(Repository.read(directory.resolve("names")))
            .results()
            .map(found -> found.group(1))
            .toList();
    String example = Repository.read("k8s/examples/cert-manager.yaml");
    assertThat(names).hasSize(8).allMatch(name -> example.contains("\n    - " + name + "\n"));
    assertThat(example)
        .contains("secretName: kafka-certificate\n", "encoding: PKCS8", "client auth");
  }

  /** What cert-manager writes: the key in the older form too. */
  private void makeCertificate(Path secret, String... names) throws IOException {
    delete("kafka-certificate");
    Path made = Files.createTempDirectory(directory, "made");
    List<String> command = new ArrayList<>();
    command.add(Repository.file("k8s/certificates.sh").toString());
    command.add(made.toString());
    command.addAll(List.of(names));
    Processes.run(command, Map.of(), directory).expectSuccess();
    Files.createDirectories(secret);
    Files.copy(made.resolve("tls.crt"), secret.resolve("tls.crt"));
    Files.copy(made.resolve("ca.crt"), secret.resolve("ca.crt"));
    String key = secret.resolve("tls.key").toString();
    openssl("rsa", "-traditional", "-in", made.resolve("keystore.pem").toString(), "-out", key);
  }

  private String secret(String path) {
    return Repository.read(scripts.state("secrets/" + path));
  }

  private void delete(String secret) throws IOException {
    Path path = scripts.state("secrets/" + secret);
    if (Files.exists(path)) {
      for (Path file : files(path)) {
        Files.delete(file);
      }
      Files.delete(path);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static void has(String certificates, int count) {
    assertThat(certificates.split("-----BEGIN CERTIFICATE-----", -1)).hasSize(count + 1);
  }

  private void verify(String authority, String certificate) {
    openssl(
        "verify",
        "-CAfile",
        scripts.state("secrets/" + authority).toString(),
        scripts.state("secrets/" + certificate).toString());
  }

  /** Puts a certificate in place that ends in so many days. */
  private void expire(String certificate, int days) throws IOException {
    boolean isAuthority = certificate.startsWith("kafka-ca/");
    Path made = Files.createTempDirectory(directory, "made");
    String authority = scripts.state("secrets/kafka-ca/ca.crt").toString();
    String authorityKey = scripts.state("secrets/kafka-ca/ca.key").toString();
    String key = isAuthority ? authorityKey : made.resolve("tls.key").toString();
    if (!isAuthority) {
      openssl("genrsa", "-out", key, "2048");
    }
    String request = made.resolve("csr").toString();
    openssl("req", "-new", "-key", key, "-subj", "/CN=test", "-out", request);
    Path extensions =
        Repository.write(
            made.resolve("extensions"),
            isAuthority
                ? "basicConstraints = critical, CA:TRUE\n"
                : "subjectAltName = IP:" + ADDRESS + "\n");
    List<String> sign = new ArrayList<>(List.of("x509", "-req", "-in", request));
    sign.addAll(List.of("-days", Integer.toString(days), "-extfile", extensions.toString()));
    sign.addAll(List.of("-out", scripts.state("secrets/" + certificate).toString()));
    sign.addAll(
        isAuthority
            ? List.of("-signkey", key)
            : List.of("-CA", authority, "-CAkey", authorityKey, "-set_serial", "7"));
    openssl(sign.toArray(String[]::new));
  }

  private void openssl(String... arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Processes.run(command, Map.of(), directory).expectSuccess();
  }
}
