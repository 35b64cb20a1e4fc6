package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** check-address.sh and a broker with TLS, with OpenSSL and with the options that LibreSSL has. */
class CheckAddressTest {

  private static final int MAY_COME = 1;
  private static final int WILL_NOT_COME = 2;

  @TempDir Path directory;

  @Tag("full")
  @Test
  void acceptsTheRightCertificateOnlyAndSaysWhetherWaitingHelps() throws Exception {
    LibreSsl.install(directory.resolve("bin"));
    Map<String, String> libreSsl = Map.of("PATH", LibreSsl.path(directory.resolve("bin")));
    try (Cluster cluster = new Cluster(directory, ManifestsTest.SINGLE, true, null)) {
      DeployedBroker broker = cluster.broker(0);
      broker.launch().await(cluster.readinessPort());
      String host = broker.address();
      String ca = cluster.ca().toString();
      String otherCa = authority(directory.resolve("other")).toString();
      for (Map<String, String> environment : List.of(libreSsl, Map.<String, String>of())) {
        assertThat(
                Traffic.checkAddress(directory, environment, host, "9092", ca)
                    .expectSuccess()
                    .output())
            .isEqualTo(host + ":9092\n");
        expect(environment, WILL_NOT_COME, "is not trusted with", host, otherCa);
        expect(environment, WILL_NOT_COME, "no CA certificate to read", host, ca + ".missing");
        // Leads to the same broker, and is in no certificate.
        String decimal = new BigInteger(1, InetAddress.getByName(host).getAddress()).toString();
        expect(
            environment,
            WILL_NOT_COME,
            "the certificate is not for " + decimal + " but for DNS:localhost,IPAddress:" + host,
            decimal,
            ca);
      }
      Processes.Result plain = Traffic.checkAddress(directory, host, "9092");
      assertThat(plain.exitCode()).isEqualTo(WILL_NOT_COME);
      assertThat(plain.output()).contains(host + ":9092: the server speaks TLS: pass the file");
      broker.close();
      expect(libreSsl, MAY_COME, "cannot connect", host, ca);
    }
  }

  private void expect(
      Map<String, String> environment, int exitCode, String reason, String host, String ca) {
    Processes.Result result = Traffic.checkAddress(directory, environment, host, "9092", ca);
    assertThat(result.output()).contains(host + ":9092: ", reason);
    assertThat(result.exitCode()).isEqualTo(exitCode);
  }

  private Path authority(Path tls) {
    Processes.run(
            List.of(Repository.file("k8s/certificates.sh").toString(), tls.toString()),
            Map.of(),
            directory)
        .expectSuccess();
    return tls.resolve("ca.crt");
  }
}
