package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What kubectl apply -k would apply of kustomize/overlays. */
class KustomizeTest {

  private static final String PRODUCTION = "production";

  @BeforeAll
  static void kubectlIsHere() {
    assumeTrue(Kustomize.isHere(), "kubectl 1.27 or newer renders the overlays");
  }

  @ParameterizedTest
  @CsvSource({"single, kafka-broker.yaml", "ha, kafka-broker-3node.yaml"})
  void anOverlayIsTheManifestThatAlsoWorksAlone(String overlay, String manifest) {
    List<KubernetesObject> expected = new ArrayList<>();
    for (String file :
        List.of(
            "namespace.yaml",
            "network-policies.yaml",
            manifest,
            "kafka-ui.yaml",
            "protobuf-configmap.yaml")) {
      expected.addAll(Manifests.load("k8s/" + file));
    }
    assertThat(byName(Kustomize.load(Kustomize.render(overlay)))).isEqualTo(byName(expected));
  }

  /** By kind and name, a container's variables in the order of their names. */
  private static Map<String, KubernetesObject> byName(List<KubernetesObject> objects) {
    Map<String, KubernetesObject> named = new TreeMap<>();
    for (KubernetesObject object : objects) {
      if (object instanceof V1StatefulSet set) {
        broker(set)
            .setEnv(
                broker(set).getEnv().stream()
                    .sorted(Comparator.comparing(V1EnvVar::getName))
                    .toList());
      }
      assertThat(named.put(object.getKind() + "/" + object.getMetadata().getName(), object))
          .isNull();
    }
    return named;
  }

  private static V1Container broker(V1StatefulSet set) {
    return set.getSpec().getTemplate().getSpec().getContainers().get(0);
  }

  private static Map<String, String> variables(V1Container container) {
    Map<String, String> variables = new TreeMap<>();
    container.getEnv().forEach(e -> variables.put(e.getName(), String.valueOf(e.getValue())));
    return variables;
  }

  @ParameterizedTest
  @ValueSource(strings = {"single", "ha", "secure", "ha-secure", PRODUCTION})
  void nothingIsSecretUnpinnedOrMightierThanItMustBe(String overlay) {
    List<V1PodSpec> pods = new ArrayList<>();
    List<KubernetesObject> objects = Kustomize.load(Kustomize.render(overlay));
    for (KubernetesObject object : objects) {
      assertThat(object.getKind()).isNotEqualTo("Secret");
      assertThat(object.getMetadata().getLabels())
          .containsEntry("app.kubernetes.io/part-of", "hermes");
      if (object instanceof V1StatefulSet set) {
        pods.add(set.getSpec().getTemplate().getSpec());
      } else if (object instanceof V1Deployment deployment) {
        pods.add(deployment.getSpec().getTemplate().getSpec());
      } else if (object instanceof V1CronJob job) {
        pods.add(job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec());
      }
    }
    assertThat(pods).hasSizeGreaterThanOrEqualTo(2);
    pods.forEach(ManifestsTest::hasNoRights);
    assertThat(pods.stream().flatMap(p -> p.getContainers().stream()).map(V1Container::getImage))
        .isSubsetOf(
            Compose.dotEnv().get("KAFKA_IMAGE"),
            Compose.dotEnv().get("KAFKA_UI_IMAGE"),
            "haproxy:3.2.24-alpine");
    // Each ConfigMap that a pod mounts is in the overlay too, by the name that kustomize gave it.
    List<String> configMaps =
        objects.stream()
            .filter(V1ConfigMap.class::isInstance)
            .map(o -> o.getMetadata().getName())
            .toList();
    assertThat(pods.stream().flatMap(p -> p.getVolumes().stream()).flatMap(KustomizeTest::mounted))
        .isNotEmpty()
        .isSubsetOf(configMaps);
  }

  private static Stream<String> mounted(V1Volume volume) {
    if (volume.getConfigMap() != null) {
      return Stream.of(volume.getConfigMap().getName());
    }
    return volume.getProjected() == null
        ? Stream.of()
        : volume.getProjected().getSources().stream()
            .filter(s -> s.getConfigMap() != null)
            .map(s -> s.getConfigMap().getName());
  }

  @ParameterizedTest
  @CsvSource({"secure, single", "ha-secure, ha"})
  void aSecureOverlayDiffersInSecurityAlone(String overlay, String plain) {
    V1StatefulSet set = Kustomize.one(overlay, V1StatefulSet.class, "kafka-broker");
    V1StatefulSet other = Kustomize.one(plain, V1StatefulSet.class, "kafka-broker");
    assertThat(set.getMetadata().getAnnotations()).containsEntry("hermes.io/security", "secure");
    Map<String, String> secure = variables(broker(set));
    assertThat(secure)
        .containsEntry(
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
            "CONTROLLER:SSL,REPLICATION:SSL,INTERNAL:SASL_SSL,EXTERNAL:SASL_SSL");
    secure.keySet().removeIf(n -> n.matches("KAFKA_(SSL|SASL|SUPER|AUTHORIZER|LISTENER_).*"));
    Map<String, String> open = variables(broker(other));
    open.remove("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP");
    assertThat(secure).isEqualTo(open);
    assertThat(
            Kustomize.one(overlay, V1Service.class, "broker")
                .getSpec()
                .getLoadBalancerSourceRanges())
        .isEmpty();
    V1Container ui =
        Kustomize.one(overlay, V1Deployment.class, "kafka-ui")
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .get(0);
    List<String> names = ui.getEnv().stream().map(V1EnvVar::getName).toList();
    // A variable refers only to those before it.
    assertThat(names.indexOf("CLIENT_PASSWORD"))
        .isNotNegative()
        .isLessThan(names.indexOf("KAFKA_CLUSTERS_0_PROPERTIES_SASL_JAAS_CONFIG"));
    assertThat(variables(ui).get("KAFKA_CLUSTERS_0_PROPERTIES_SASL_JAAS_CONFIG"))
        .endsWith(" required username=\"$(CLIENT_USERNAME)\" password=\"$(CLIENT_PASSWORD)\";");
  }

  @Test
  void thePluginReplacesTheFirstSerde() {
    Path overlay = Repository.file("hermes-deployment-tests/target/plugin-overlay");
    Repository.write(
        overlay.resolve("kustomization.yaml"),
        """
        resources: [../../../k8s]
        components: [../../../kustomize/components/plugin]
        images: [{name: hermes-kafka-ui, newName: registry.example.com/ui, newTag: 0.2.0}]
        """);
    String rendered =
        Processes.run(List.of("kubectl", "kustomize", overlay.toString()), Map.of(), overlay)
            .expectSuccess()
            .output();
    assertThat(rendered)
        .contains("image: registry.example.com/ui:0.2.0\n", "io.hermes.kafkaui.HermesSerde");
  }

  @Test
  void theCertificateOfProductionNamesWhatClientsAndBrokersConnectTo() {
    V1StatefulSet set = Kustomize.one(PRODUCTION, V1StatefulSet.class, "kafka-broker");
    Map<?, ?> certificate = custom("Certificate", "kafka-broker");
    List<?> names = (List<?>) StrimziFiles.at(certificate, "spec", "dnsNames");
    assertThat(names.stream().map(String::valueOf))
        .contains(variables(broker(set)).get("EXTERNAL_HOST"), "localhost")
        .containsAll(
            Stream.of("0", "1", "2")
                .map(i -> "kafka-broker-" + i + ".kafka-brokers.kafka.svc.cluster.local")
                .toList());
    // The subject is the brokers' name, which is a super user.
    assertThat(variables(broker(set)).get("KAFKA_SUPER_USERS")).contains("User:CN=kafka-broker,O=");
    assertThat(StrimziFiles.at(certificate, "spec", "commonName")).isEqualTo("kafka-broker");
    assertThat(StrimziFiles.at(certificate, "spec", "subject", "organizations"))
        .isEqualTo(List.of("Hermes"));
    assertThat(StrimziFiles.at(certificate, "spec", "privateKey", "encoding")).isEqualTo("PKCS8");
    V1Volume tls = volume(set.getSpec().getTemplate().getSpec(), "tls");
    var secret =
        tls.getProjected().getSources().stream()
            .filter(s -> s.getSecret() != null)
            .findFirst()
            .orElseThrow()
            .getSecret();
    assertThat(secret.getName()).isEqualTo(StrimziFiles.at(certificate, "spec", "secretName"));
    assertThat(
            secret.getItems().stream().collect(Collectors.toMap(i -> i.getKey(), i -> i.getPath())))
        .isEqualTo(Map.of("tls-combined.pem", "keystore.pem", "ca.crt", "ca.crt"));
    assertThat(tls.getSecret()).isNull();
  }

  @Test
  void theMetricsOfProductionAreScrapedWhereTheBrokersOfferThem() {
    V1StatefulSet set = Kustomize.one(PRODUCTION, V1StatefulSet.class, "kafka-broker");
    Map<?, ?> monitor = custom("PodMonitor", "kafka-broker");
    assertThat(StrimziFiles.at(monitor, "spec", "selector", "matchLabels"))
        .isEqualTo(set.getSpec().getSelector().getMatchLabels());
    List<?> endpoints = (List<?>) StrimziFiles.at(monitor, "spec", "podMetricsEndpoints");
    String port = ((Map<?, ?>) endpoints.get(0)).get("port").toString();
    assertThat(broker(set).getPorts())
        .anyMatch(p -> Objects.equals(p.getName(), port) && p.getContainerPort() == 9404);
    assertThat(custom("PrometheusRule", "kafka-alerts")).isNotEmpty();
    // Tools that run in the container do not start the agent.
    assertThat(variables(broker(set)))
        .doesNotContainKey("KAFKA_OPTS")
        .containsEntry("SERVER_OPTS", "@/opt/metrics/options");
  }

  private static Map<String, Object> custom(String kind, String name) {
    return Kustomize.custom(List.of(Kustomize.render(PRODUCTION).split("(?m)^---$", -1))).stream()
        .filter(o -> kind.equals(o.get("kind")))
        .filter(o -> name.equals(StrimziFiles.at(o, "metadata", "name")))
        .findFirst()
        .orElseThrow();
  }

  private static V1Volume volume(V1PodSpec pod, String name) {
    return pod.getVolumes().stream()
        .filter(v -> v.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
