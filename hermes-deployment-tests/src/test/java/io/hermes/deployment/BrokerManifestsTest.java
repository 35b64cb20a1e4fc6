package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The StatefulSets: one broker and three. */
class BrokerManifestsTest {

  private static final Pattern MAX_HEAP = Pattern.compile("-Xmx([0-9]+)g");

  private static V1StatefulSet set(String file) {
    return Manifests.one("k8s/" + file, V1StatefulSet.class, "kafka-broker");
  }

  private static V1Container container(String file) {
    return set(file).getSpec().getTemplate().getSpec().getContainers().get(0);
  }

  private static String env(String file, String name) {
    return container(file).getEnv().stream()
        .filter(e -> e.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {ManifestsTest.SINGLE, ManifestsTest.THREE})
  void aQuorumCanForm(String file) {
    assertThat(set(file).getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
    V1Service headless = Manifests.one("k8s/" + file, V1Service.class, "kafka-brokers");
    assertThat(set(file).getSpec().getServiceName()).isEqualTo("kafka-brokers");
    assertThat(headless.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(headless.getSpec().getPublishNotReadyAddresses()).isTrue();
    String[] voters = env(file, "KAFKA_CONTROLLER_QUORUM_VOTERS").split(",", -1);
    assertThat(voters).hasSize(set(file).getSpec().getReplicas());
    for (int i = 0; i < voters.length; i++) {
      assertThat(voters[i])
          .isEqualTo(i + "@kafka-broker-" + i + ".kafka-brokers.kafka.svc.cluster.local:29093");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ManifestsTest.SINGLE, ManifestsTest.THREE})
  void probesWaitForTheQuorumInsteadOfKillingIt(String file) {
    V1Container container = container(file);
    assertThat(port(container.getStartupProbe())).isEqualTo("controller");
    assertThat(port(container.getLivenessProbe())).isEqualTo("controller");
    assertThat(port(container.getReadinessProbe())).isEqualTo("internal");
    assertThat(container.getPorts().stream().map(p -> p.getName() + "=" + p.getContainerPort()))
        .containsExactly(
            "external=9092", "internal=29092", "controller=29093", "replication=29094");
    V1Probe startup = container.getStartupProbe();
    assertThat(startup.getPeriodSeconds() * startup.getFailureThreshold()).isGreaterThan(240);
  }

  private static String port(V1Probe probe) {
    return probe.getTcpSocket().getPort().getStrValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {ManifestsTest.SINGLE, ManifestsTest.THREE})
  void dataIsOnTheClaimBelowItsRoot(String file) {
    V1VolumeMount data =
        container(file).getVolumeMounts().stream()
            .filter(m -> m.getName().equals("kafka-data"))
            .findFirst()
            .orElseThrow();
    assertThat(data.getSubPath()).isNull();
    assertThat(env(file, "KAFKA_LOG_DIRS")).startsWith(data.getMountPath() + "/");
    assertThat(container(file).getVolumeMounts().stream().map(V1VolumeMount::getMountPath))
        .contains("/opt/kafka/config", "/opt/kafka/logs", "/tmp");
  }

  @ParameterizedTest
  @ValueSource(strings = {ManifestsTest.SINGLE, ManifestsTest.THREE})
  void aBrokerMayFinishAndLeavesRoomForItsPageCache(String file) {
    V1PodSpec pod = set(file).getSpec().getTemplate().getSpec();
    assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(90);
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(1000);
    assertThat(pod.getSecurityContext().getFsGroupChangePolicy()).isEqualTo("OnRootMismatch");
    Matcher heap = MAX_HEAP.matcher(env(file, "KAFKA_HEAP_OPTS"));
    assertThat(heap.find()).isTrue();
    long limit =
        container(file).getResources().getLimits().get("memory").getNumber().longValueExact();
    assertThat(Long.parseLong(heap.group(1)) << 30).isLessThanOrEqualTo(limit / 2);
  }

  @Test
  void theTwoModesCannotTakeEachOthersVolumes() {
    assertThat(env(ManifestsTest.SINGLE, "CLUSTER_ID"))
        .hasSize(22)
        .isNotEqualTo(env(ManifestsTest.THREE, "CLUSTER_ID"));
    assertThat(claimLabels(ManifestsTest.SINGLE)).containsEntry("hermes.io/mode", "single");
    assertThat(claimLabels(ManifestsTest.THREE)).containsEntry("hermes.io/mode", "ha");
    assertThat(
            java.util.List.of(
                env(ManifestsTest.SINGLE, "CLUSTER_ID"),
                env(ManifestsTest.THREE, "CLUSTER_ID"),
                Compose.load("docker-compose.yaml").environment("broker").get("CLUSTER_ID")))
        .doesNotHaveDuplicates()
        .doesNotContain("5L6g3nShT-eMCtK--X86sw"); // the image's, which all the world has
  }

  @Test
  void aRestoredVolumeIsTheOneThatTheStatefulSetWouldClaim() {
    String document = Repository.read("k8s/PRODUCTION-SETUP.md");
    String yaml =
        document.substring(document.indexOf("apiVersion: v1\nkind: PersistentVolumeClaim"));
    V1PersistentVolumeClaim restored =
        (V1PersistentVolumeClaim) Manifests.parse(yaml.substring(0, yaml.indexOf("EOF"))).get(0);
    V1StatefulSet set = set(ManifestsTest.SINGLE);
    V1PersistentVolumeClaim claim = set.getSpec().getVolumeClaimTemplates().get(0);
    assertThat(restored.getMetadata().getName())
        .isEqualTo(claim.getMetadata().getName() + "-" + set.getMetadata().getName() + "-0");
    assertThat(restored.getMetadata().getLabels()).isEqualTo(claim.getMetadata().getLabels());
    assertThat(restored.getSpec().getResources()).isEqualTo(claim.getSpec().getResources());
    assertThat(restored.getSpec().getAccessModes()).isEqualTo(claim.getSpec().getAccessModes());
    assertThat(document)
        .contains("{persistentVolumeClaimName: " + restored.getMetadata().getName());
  }

  private static Map<String, String> claimLabels(String file) {
    return set(file).getSpec().getVolumeClaimTemplates().get(0).getMetadata().getLabels();
  }

  @Test
  void threeBrokersAreSpreadAndNeverTwoOfThemTakenAway() {
    V1PodDisruptionBudget budget =
        Manifests.one("k8s/" + ManifestsTest.THREE, V1PodDisruptionBudget.class, "kafka-broker");
    assertThat(budget.getSpec().getMaxUnavailable().getIntValue()).isEqualTo(1);
    assertThat(budget.getSpec().getSelector().getMatchLabels())
        .isEqualTo(set(ManifestsTest.THREE).getSpec().getSelector().getMatchLabels());
    V1PodSpec pod = set(ManifestsTest.THREE).getSpec().getTemplate().getSpec();
    var term =
        pod.getAffinity()
            .getPodAntiAffinity()
            .getPreferredDuringSchedulingIgnoredDuringExecution()
            .get(0)
            .getPodAffinityTerm();
    assertThat(term.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
    var spread = pod.getTopologySpreadConstraints().get(0);
    assertThat(spread.getWhenUnsatisfiable()).isEqualTo("DoNotSchedule");
    assertThat(spread.getMaxSkew()).isEqualTo(1);
  }
}
