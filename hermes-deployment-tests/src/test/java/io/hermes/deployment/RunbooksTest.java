package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1CronJob;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runbooks by symptom, pasted from k8s/PRODUCTION-SETUP.md, against three secured brokers. */
@Tag("full")
class RunbooksTest {

  @TempDir Path directory;

  private Runbook runbook;

  @Test
  void everyCommandDoesWhatTheDocumentSays() throws Exception {
    String outside = new Loopback().address(9);
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, true, outside);
        Proxy proxy = new Proxy(directory, cluster, outside)) {
      cluster.brokers().forEach(RunbooksTest::takeCertificateAsCertManagerWritesIt);
      cluster.brokers().forEach(DeployedBroker::launch);
      cluster.awaitReady();
      runbook = new Runbook(directory, cluster, "secure");
      cluster.addUser("hermes", "secret");
      Traffic hermes = client(cluster, outside, "hermes", "secret");
      hermes.createTopic("user.events");
      hermes.publish("user.events", 0, 100);

      aUserIsAdded(client(cluster, outside, "billing", "it's \"secret\""));
      theCronJobMakesItsUserKnown(client(cluster, outside, "operator", "pass;word"));
      aDiskFills();
      partitionsAreReassigned();
      aNodeIsDrained();
      aQuotaIsSet();
      whatToWatch();

      hermes.expect("user.events", 100);
      assertThat(proxy.isAlive()).isTrue();
    }
  }

  /** tls-combined.pem has the key and the certificate, but not the authority. */
  private static void takeCertificateAsCertManagerWritesIt(DeployedBroker broker) {
    String end = "-----END CERTIFICATE-----\n";
    Path keystore = broker.secrets().resolve("keystore.pem");
    String all = Repository.read(keystore);
    String without = all.substring(0, all.indexOf(end) + end.length());
    assertThat(without.length()).isLessThan(all.length());
    Repository.write(keystore, without);
  }

  private static Traffic client(Cluster cluster, String outside, String user, String password) {
    return new Traffic(
        outside + ":9092", Traffic.scram(cluster.ca(), user, password.replace("\"", "\\\"")));
  }

  private String run(String line, Map<String, String> replaced) {
    return runbook.run(line, replaced).expectSuccess().output();
  }

  private String run(String line) {
    return run(line, Map.of());
  }

  private void aUserIsAdded(Traffic billing) throws Exception {
    run("read -rs password", Map.of("read -rs password", "password='it'\\''s \"secret\"'"));
    // It may connect, and see nothing before it has an ACL.
    try (Admin admin = billing.admin()) {
      assertThat(admin.listTopics().names().get()).isEmpty();
    }
  }

  /** The CronJob of kustomize/components/cert-manager, whose container is as a broker's here. */
  private void theCronJobMakesItsUserKnown(Traffic operator) throws Exception {
    String script =
        Kustomize.one("production", V1CronJob.class, "kafka-user")
            .getSpec()
            .getJobTemplate()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .get(0)
            .getArgs()
            .get(0);
    runbook
        .paste(
            "export CLIENT_USERNAME=operator CLIENT_PASSWORD='pass;word'\n"
                + "script=$(cat <<'EOF'\n"
                + script
                + "\nEOF\n)\n"
                + "kubectl exec kafka-broker-0 -- bash -euo pipefail -c \"$script\"")
        .expectSuccess();
    try (Admin admin = operator.admin()) {
      assertThat(admin.listTopics().names().get()).isEmpty();
    }
  }

  private void aDiskFills() {
    assertThat(run("du -sm")).contains("user.events-0");
    assertThat(run("--add-config retention.ms"))
        .contains("Completed updating config for topic user.events.")
        .contains("retention.ms=86400000");
    assertThat(run("--delete-config retention.ms"))
        .contains("Completed updating config for topic user.events.");
  }

  private void partitionsAreReassigned() {
    assertThat(run("kafka-leader-election")).isNotNull();
    Map<String, String> here = Map.of("plan.json", directory.resolve("plan.json").toString());
    assertThat(run("--generate --topics-to-move-json-file", here))
        .contains("\"topic\":\"user.events\"")
        .contains("Successfully started partition reassignment");
    String verified = "";
    while (!verified.contains("Clearing topic-level throttles")) {
      verified = run("--verify --reassignment-json-file", here);
      assertThat(verified).contains("Status of partition reassignment:");
    }
  }

  private void aNodeIsDrained() {
    String drained = run("kubectl drain", Map.of("<node>", "pool-1"));
    assertThat(drained).doesNotContain("Topic: user.events");
    assertThat(runbook.calls())
        .containsSubsequence(
            "drain pool-1 --ignore-daemonsets --delete-emptydir-data",
            "rollout status statefulset/kafka-broker");
  }

  private void aQuotaIsSet() {
    String quota = "producer_byte_rate=5000000";
    assertThat(run(quota))
        .contains("Completed updating config for user billing.")
        .contains("producer_byte_rate=5000000.0");
    assertThat(run(quota, Map.of("--entity-name billing", "--entity-default")))
        .contains("default user-principal");
    assertThat(run(quota, Map.of("--entity-type users", "--entity-type clients")))
        .contains("Completed updating config for client billing.");
  }

  private void whatToWatch() {
    for (String command : runbook.inline("## What to watch")) {
      assertThat(runbook.paste(command).expectSuccess().output())
          .as(command)
          .doesNotContain("Topic: user.events", "Observer");
    }
  }
}
