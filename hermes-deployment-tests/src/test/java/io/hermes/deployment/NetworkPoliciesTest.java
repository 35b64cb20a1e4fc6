package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyIngressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who reaches which port, as the policies together say. */
class NetworkPoliciesTest {

  private static final String NAME = "app.kubernetes.io/name";

  /** For each port of the pods with that name: who may connect. */
  private static Map<Integer, Set<String>> mayConnect(String manifest, String pod) {
    return mayConnect(List.of("network-policies.yaml", manifest), pod);
  }

  private static Map<Integer, Set<String>> mayConnect(List<String> manifests, String pod) {
    List<V1NetworkPolicy> policies = new ArrayList<>();
    for (String manifest : manifests) {
      policies.addAll(Manifests.all("k8s/" + manifest, V1NetworkPolicy.class));
    }
    boolean selected = false;
    Map<Integer, Set<String>> allowed = new HashMap<>();
    for (V1NetworkPolicy policy : policies) {
      assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
      Map<String, String> labels = policy.getSpec().getPodSelector().getMatchLabels();
      if (!labels.isEmpty() && !Map.of(NAME, pod).equals(labels)) {
        continue;
      }
      selected = true;
      policy.getSpec().getIngress().forEach(rule -> add(rule, allowed));
    }
    assertThat(selected).as("pods that no policy selects may be reached by all").isTrue();
    return allowed;
  }

  private static void add(V1NetworkPolicyIngressRule rule, Map<Integer, Set<String>> allowed) {
    assertThat(rule.getPorts()).isNotEmpty();
    for (V1NetworkPolicyPort port : rule.getPorts()) {
      assertThat(port.getProtocol()).isEqualTo("TCP");
      IntOrString number = port.getPort();
      Set<String> who = allowed.computeIfAbsent(number.getIntValue(), p -> new TreeSet<>());
      if (rule.getFrom().isEmpty()) {
        who.add("anyone");
        continue;
      }
      rule.getFrom()
          .forEach(
              peer -> {
                assertThat(peer.getIpBlock()).isNull();
                String labels = peer.getPodSelector().getMatchLabels().toString();
                who.add(peer.getNamespaceSelector() == null ? labels : "any namespace " + labels);
              });
    }
  }

  @Test
  void onlyBrokersReachTheControllerAndReplicationPorts() {
    for (String manifest : List.of(ManifestsTest.SINGLE, ManifestsTest.THREE)) {
      Map<Integer, Set<String>> broker = mayConnect(manifest, "kafka-broker");
      assertThat(broker.keySet()).containsExactlyInAnyOrder(9092, 29092, 29093, 29094);
      assertThat(broker.get(29093)).containsExactly("{" + NAME + "=kafka-broker}");
      assertThat(broker.get(29094)).containsExactly("{" + NAME + "=kafka-broker}");
      assertThat(broker.get(29092))
          .containsExactly(
              "any namespace {hermes.io/kafka-client=true}", "{" + NAME + "=kafka-ui}");
    }
  }

  @Test
  void aManifestOfBrokersAloneLetsThemReachEachOther() {
    for (String manifest : List.of(ManifestsTest.SINGLE, ManifestsTest.THREE)) {
      assertThat(mayConnect(List.of(manifest), "kafka-broker"))
          .isEqualTo(mayConnect(manifest, "kafka-broker"));
    }
  }

  @Test
  void clientsOutsideReachOneBrokerDirectlyAndThreeThroughTheProxy() {
    assertThat(mayConnect(ManifestsTest.SINGLE, "kafka-broker").get(9092))
        .containsExactly("anyone");
    assertThat(mayConnect(ManifestsTest.THREE, "kafka-broker").get(9092))
        .containsExactly("{" + NAME + "=kafka-proxy}");
    assertThat(mayConnect(ManifestsTest.THREE, "kafka-proxy"))
        .isEqualTo(Map.of(9092, Set.of("anyone"), 9093, Set.of("anyone"), 9094, Set.of("anyone")));
  }

  @Test
  void nobodyReachesKafkaUiOverTheNetwork() {
    assertThat(mayConnect(ManifestsTest.SINGLE, "kafka-ui")).isEmpty();
  }

  @Test
  void thePoliciesNamePodsThatThereAre() {
    Set<String> names = new TreeSet<>();
    for (V1PodTemplateSpec template : ManifestsTest.pods().values()) {
      names.add(template.getMetadata().getLabels().get(NAME));
    }
    assertThat(names).containsExactly("kafka-broker", "kafka-proxy", "kafka-ui");
  }
}
