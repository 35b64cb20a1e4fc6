package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.deployment.Processes.Result;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** deploy.sh, connect.sh and cleanup.sh against a kubectl that records; each run uses one core. */
@Execution(ExecutionMode.CONCURRENT)
class ScriptsTest {

  private static final String ADDRESS = "203.0.113.10";

  @TempDir Path directory;

  private StubbedScripts scripts;

  @BeforeEach
  void setUp() throws IOException {
    scripts = new StubbedScripts(directory);
  }

  @Test
  void minikubeGetsOnePlainBrokerAndASecondDeployChangesNothing() throws IOException {
    scripts.minikube();

    Result first = scripts.run("deploy.sh").expectSuccess();

    assertThat(first.output())
        .contains("Kafka broker: localhost:9092", "port-forward service/kafka-ui 8080:8080")
        .doesNotContain("KAFKA_SASL");
    assertThat(scripts.checked()).containsExactly("localhost 9092");
    assertThat(scripts.applied()).noneMatch(m -> m.contains("CONTROLLER:SSL"));
    String statefulSet = scripts.statefulSet();
    List<String> applied = scripts.applied();
    assertThat(statefulSet).contains("hermes.io/security: plain");
    scripts.forgetCalls();
    scripts.run("deploy.sh").expectSuccess();
    assertThat(scripts.statefulSet()).isEqualTo(statefulSet);
    assertThat(scripts.applied().subList(applied.size(), applied.size() * 2)).isEqualTo(applied);
    assertThat(scripts.calls()).noneMatch(c -> c.contains(" delete ") || c.contains(" create "));
  }

  @Test
  void digitalOceanIsSecureAndASecondDeployChangesNothing() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise();

    Result first = scripts.run("deploy.sh", "--ha").expectSuccess();

    assertThat(first.output())
        .contains("Kafka broker: 203.0.113.10:9092,203.0.113.10:9093,203.0.113.10:9094")
        .contains("KAFKA_SECURITY_PROTOCOL=SASL_SSL", "get secret kafka-client");
    assertThat(scripts.checked()).hasSize(3).allMatch(c -> c.endsWith("/tls/trusted.crt"));
    assertThat(scripts.applied()).anyMatch(m -> m.contains("CONTROLLER:SSL"));
    String password = Repository.read(scripts.state("secrets/kafka-client/password"));
    String uiPassword =
        Repository.read(scripts.state("secrets/kafka-ui/SPRING_SECURITY_USER_PASSWORD"));
    assertThat(password).hasSize(48);
    assertThat(first.output()).doesNotContain(password).doesNotContain(uiPassword);
    assertThat(String.join("\n", scripts.calls())).doesNotContain(password, uiPassword);
    assertThat(Repository.read(scripts.state("exec-input")))
        .isEqualTo("SCRAM-SHA-512=password=" + password + "\n");
    assertThat(String.join("\n", scripts.applied())).doesNotContain(password, uiPassword);
    assertThat(scripts.state("secrets/kafka-tls/ca.key")).doesNotExist();
    assertThat(names()).contains("IPAddress:" + ADDRESS, "DNS:localhost");

    List<String> applied = scripts.applied();
    scripts.forgetCalls();
    scripts.run("deploy.sh", "--ha").expectSuccess();
    assertThat(scripts.applied().subList(applied.size(), applied.size() * 2)).isEqualTo(applied);
    assertThat(scripts.calls()).noneMatch(c -> c.contains(" delete ") || c.contains(" create "));
  }

  @Test
  void aChangedAddressRollsTheBrokersWithACertificateForIt() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise();
    scripts.run("deploy.sh").expectSuccess();
    String before = scripts.statefulSet();
    String ca = Repository.read(scripts.state("secrets/kafka-ca/ca.crt"));
    String password = Repository.read(scripts.state("secrets/kafka-client/password"));

    scripts.digitalOcean("203.0.113.99");
    scripts.run("deploy.sh").expectSuccess();

    List<String> was = before.lines().toList();
    List<String> is = scripts.statefulSet().lines().toList();
    assertThat(is).hasSameSizeAs(was);
    for (int i = 0; i < is.size(); i++) {
      if (!is.get(i).equals(was.get(i))) {
        assertThat(is.get(i)).containsAnyOf("hermes.io/broker-inputs:", "value: 203.0.113.99");
      }
    }
    assertThat(is).isNotEqualTo(was);
    assertThat(names()).contains("IPAddress:203.0.113.99").doesNotContain("IPAddress:" + ADDRESS);
    assertThat(Repository.read(scripts.state("secrets/kafka-ca/ca.crt"))).isEqualTo(ca);
    assertThat(Repository.read(scripts.state("secrets/kafka-client/password"))).isEqualTo(password);
  }

  private String names() {
    return Processes.run(
            List.of(
                "openssl",
                "x509",
                "-noout",
                "-ext",
                "subjectAltName",
                "-in",
                scripts.state("secrets/kafka-tls/tls.crt").toString()),
            Map.of(),
            directory)
        .expectSuccess()
        .output()
        .replace(" ", "");
  }

  @Test
  void refusesTheOtherModeOverExistingVolumes() throws IOException {
    scripts.minikube();
    scripts.run("deploy.sh").expectSuccess();
    scripts.forgetCalls();

    Result refused = scripts.run("deploy.sh", "--ha");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.output())
        .contains("error: the volumes in this cluster belong to the other mode (single, not ha)")
        .contains("cleanup.sh --purge");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("apply") || c.contains("delete"));
    scripts.set("volumes", "ha ha ha");
    assertThat(scripts.run("deploy.sh").output()).contains("(ha, not single)");
  }

  @Test
  void refusesAnUnknownClusterAndAnUnknownOption() {
    scripts.set("context", "gke_company").set("providers", "gce://company/node");
    for (String script : List.of("deploy.sh", "connect.sh", "cleanup.sh")) {
      Result refused = scripts.run(script);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.output())
          .contains("error: context 'gke_company' is neither minikube nor DigitalOcean");
    }
    assertThat(scripts.calls()).noneMatch(c -> c.contains("apply") || c.contains("delete"));
    assertThat(scripts.run("deploy.sh", "--fast").output()).contains("unknown option --fast");
    assertThat(scripts.run("cleanup.sh", "--all").output()).contains("unknown option --all");
  }

  @Test
  void refusesToOpenABrokerWithoutPasswordsToEverybody() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise(ADDRESS + ":9092");
    assertThat(scripts.run("deploy.sh", "--insecure").output())
        .startsWith("error: --insecure would let everybody on the internet read and write.");
    for (String everybody :
        List.of("0.0.0.0/0", "::/0", "10.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3")) {
      assertThat(scripts.run("deploy.sh", "--insecure", "--allow-cidr", everybody).output())
          .startsWith("error: --allow-cidr " + everybody + " is everybody, or close to it");
    }
    // All of IPv4, written as IPv6.
    for (String mapped : List.of("::ffff:0:0/96", "0:0:0:0:0:FFFF::/96", "::/16")) {
      assertThat(scripts.run("deploy.sh", "--allow-cidr", mapped).output())
          .startsWith("error: --allow-cidr " + mapped + ": write an IPv4 network as such");
    }
    for (String wrong :
        List.of(
            "home",
            "10.0.0.0/33",
            "10.0.0.0/1000",
            "10.0.0.0",
            "0.0.0.0/08",
            "256.0.0.1/32",
            "10.0.0/24",
            "2001:db8/32",
            "2001:db8::/129")) {
      assertThat(scripts.run("deploy.sh", "--allow-cidr", wrong).output())
          .startsWith("error: --allow-cidr " + wrong + ": not a range");
    }
    scripts.set("ranges", "[\"0.0.0.0/1\",\"128.0.0.0/1\"]");
    assertThat(scripts.run("deploy.sh", "--insecure").output())
        .startsWith("error: --allow-cidr 0.0.0.0/1 is everybody, or close to it");
    scripts.set("ranges", "");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("apply"));

    scripts
        .run(
            "deploy.sh",
            "--insecure",
            "--allow-cidr",
            "198.51.100.7/32",
            "--allow-cidr",
            "10.1.0.0/16")
        .expectSuccess();

    V1Service broker =
        Kustomize.load(scripts.statefulSet()).stream()
            .filter(V1Service.class::isInstance)
            .map(V1Service.class::cast)
            .filter(s -> s.getMetadata().getName().equals("broker"))
            .findFirst()
            .orElseThrow();
    assertThat(broker.getSpec().getLoadBalancerSourceRanges())
        .containsExactly("198.51.100.7/32", "10.1.0.0/16");
  }

  @Test
  void anOptionWithoutItsValueDoesNotTakeTheNextOption() {
    scripts.digitalOcean(ADDRESS).advertise();
    assertThat(scripts.run("deploy.sh", "--plugin", "--ha").output())
        .startsWith("error: --plugin needs the image");
    assertThat(scripts.run("deploy.sh", "--context", "--ha").output())
        .startsWith("error: --context needs the name");
    assertThat(scripts.run("deploy.sh", "--host", "-kafka.example.com").output())
        .startsWith("error: --host needs a DNS name");
    for (String script : List.of("deploy.sh", "rotate-ca.sh")) {
      assertThat(scripts.run(script, "--timeout").output())
          .startsWith("error: --timeout needs a number of seconds.");
    }
    assertThat(scripts.run("rotate-ca.sh", "start", "--timeout", "soon").output())
        .startsWith("error: --timeout needs a number of seconds.");
    assertThat(scripts.run("rotate-ca.sh", "start", "switch").output())
        .startsWith("error: one step at a time");
    assertThat(scripts.calls()).isEmpty();
  }

  @Test
  @Tag("full")
  void rangesThatTheClusterHasStay() throws IOException {
    scripts
        .digitalOcean(ADDRESS)
        .advertise(ADDRESS + ":9092")
        .set("ranges", "[\"198.51.100.7/32\",\"10.1.0.0/16\"]");
    // They also are reason enough to let a broker without passwords in.
    scripts.run("deploy.sh", "--insecure").expectSuccess();
    assertThat(scripts.statefulSet())
        .contains("  loadBalancerSourceRanges:\n  - 198.51.100.7/32\n  - 10.1.0.0/16\n");
  }

  @Tag("slow")
  @Test
  void aNameInPlaceOfTheAddressIsAdvertisedNamedByTheCertificateAndKept() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise();
    for (String wrong : List.of("kafka", "203.0.113.9", "kafka_1.example.com")) {
      assertThat(scripts.run("deploy.sh", "--host", wrong).output())
          .startsWith("error: --host needs a DNS name");
    }

    Result first = scripts.run("deploy.sh", "--host", "kafka.example.com").expectSuccess();

    assertThat(first.output())
        .contains("kafka.example.com must lead to " + ADDRESS)
        .contains("Kafka broker: kafka.example.com:9092");
    assertThat(names()).contains("DNS:kafka.example.com", "IPAddress:" + ADDRESS);
    String statefulSet = scripts.statefulSet();
    scripts.run("deploy.sh").expectSuccess();
    assertThat(scripts.statefulSet()).isEqualTo(statefulSet);
    assertThat(scripts.checked()).allMatch(c -> c.startsWith("kafka.example.com 9092 "));
    Result back = scripts.run("deploy.sh", "--host", "").expectSuccess();
    assertThat(back.output()).contains("Kafka broker: " + ADDRESS + ":9092");
    assertThat(scripts.statefulSet()).isNotEqualTo(statefulSet);
  }

  @Tag("slow")
  @Test
  void anErrorThatCannotGoAwayEndsTheDeploymentAtOnce() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise().set("check-code", "2");

    Result result = scripts.run("deploy.sh", "--timeout", "60");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output()).contains("error: " + ADDRESS + ":9092 is not as it should be");
    assertThat(scripts.checked()).hasSize(1);
    scripts.set("check-code", "1");
    assertThat(scripts.run("deploy.sh", "--timeout", "5").output())
        .contains("which brokers advertise, does not answer");
    assertThat(scripts.checked()).hasSizeGreaterThan(2);
  }

  @Test
  void everyCallNamesTheContextThatTheScriptBeganWith() throws IOException {
    scripts.minikube();
    // The stub refuses a call in another context than the one of this file.
    scripts.set("current", "somebody-switched").set("context", "minikube");

    Result other = scripts.run("deploy.sh", "--context", "minikube").expectSuccess();

    assertThat(other.output())
        .contains("Context: minikube", "kubectl --context minikube -n kafka port-forward");
    scripts.run("connect.sh", "--context", "minikube").expectSuccess();
    scripts.run("cleanup.sh", "--context", "minikube").expectSuccess();
    assertThat(scripts.calls().stream().filter(c -> !c.matches("(config|kustomize) .*")))
        .allMatch(c -> c.startsWith("--context minikube "));
    assertThat(scripts.run("cleanup.sh", "--context").output()).contains("--context needs");
  }

  @Test
  void saysWhenTheLoadBalancerNeverGetsAnAddress() {
    scripts.digitalOcean("");
    Result result = scripts.run("deploy.sh", "--timeout", "1");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .contains("error: the load balancer got no address within 1 seconds.")
        .contains("kubectl -n kafka describe service broker");
    assertThat(scripts.state("security")).doesNotExist();
  }

  @Test
  @Tag("full")
  void saysWhenBrokersAdvertiseAnotherAddress() {
    scripts.minikube().advertise("10.0.0.7:9092");
    Result result = scripts.run("deploy.sh");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .contains("localhost:9092 tells clients to use 10.0.0.7:9092 instead of localhost:9092");
  }

  @Test
  @Tag("full")
  void changingSecurityStopsAllBrokersTogetherAndAsksFirst() throws IOException {
    scripts.minikube();
    scripts.run("deploy.sh").expectSuccess();
    assertThat(scripts.run("deploy.sh", "--secure").output())
        .contains("The brokers run with security 'plain'.", "pass --yes");
    assertThat(scripts.state("security")).exists();
    scripts.forgetCalls();

    scripts.run("deploy.sh", "--secure", "--yes").expectSuccess();

    assertThat(scripts.calls())
        .anyMatch(c -> c.contains("delete statefulset kafka-broker --cascade=foreground"));
    assertThat(scripts.statefulSet()).contains("hermes.io/security: secure");
  }

  @Test
  void cleanupKeepsVolumesSecretsAndTheAddress() throws IOException {
    scripts.digitalOcean(ADDRESS).advertise();
    scripts.run("deploy.sh").expectSuccess();
    scripts.forgetCalls();

    Result removed = scripts.run("cleanup.sh").expectSuccess();

    List<String> deleted = scripts.calls().stream().filter(c -> c.contains(" delete ")).toList();
    assertThat(deleted)
        .hasSize(3)
        .noneMatch(c -> c.contains("persistentvolumeclaim") || c.contains("secret"))
        .noneMatch(c -> c.contains("namespace kafka delete namespace"));
    assertThat(deleted.get(0))
        .contains("delete statefulsets,deployments,cronjobs", "--cascade=foreground --wait");
    // The brokers find each other by the headless Service until the last one has stopped.
    assertThat(deleted.get(2)).contains("delete services", "metadata.name!=broker");
    assertThat(removed.output())
        .contains("up to two minutes")
        .containsPattern("removed the brokers and kafka-ui from context .* after [0-9]+ seconds");
    assertThat(scripts.run("connect.sh").output()).contains("error: there is no Kafka");
    assertThat(scripts.state("secrets/kafka-client/password")).isNotEmptyFile();
  }

  @Test
  void purgeAsksAndThenDeletesEverything() {
    scripts.minikube();
    Result unattended = scripts.run("cleanup.sh", "--purge");
    assertThat(unattended.exitCode()).isEqualTo(1);
    assertThat(unattended.output()).contains("This deletes all topics", "pass --yes");
    assertThat(scripts.calls()).noneMatch(c -> c.contains("delete"));
    scripts.run("cleanup.sh", "--purge", "--yes").expectSuccess();
    assertThat(scripts.calls()).anyMatch(c -> c.contains(" delete namespace kafka"));
    assertThat(Files.exists(scripts.state("secrets"))).isFalse();
  }
}
