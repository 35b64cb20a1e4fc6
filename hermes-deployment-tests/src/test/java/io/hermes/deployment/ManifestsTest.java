package io.hermes.deployment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every manifest, and what the parts outside the brokers promise. */
class ManifestsTest {

  static final String SINGLE = "kafka-broker.yaml";
  static final String THREE = "kafka-broker-3node.yaml";

  static Stream<String> files() {
    return Manifests.files().stream().map(Path::getFileName).map(Path::toString);
  }

  /** All pods that the manifests describe, by file and name. */
  static Map<String, V1PodTemplateSpec> pods() {
    Map<String, V1PodTemplateSpec> pods = new HashMap<>();
    files()
        .forEach(
            file -> {
              for (KubernetesObject object : Manifests.load("k8s/" + file)) {
                String name = file + "/" + object.getMetadata().getName();
                if (object instanceof V1StatefulSet set) {
                  pods.put(name, set.getSpec().getTemplate());
                } else if (object instanceof V1Deployment deployment) {
                  pods.put(name, deployment.getSpec().getTemplate());
                } else {
                  assertThat(object.getKind())
                      .isIn(
                          "Namespace",
                          "Service",
                          "ConfigMap",
                          "NetworkPolicy",
                          "PodDisruptionBudget");
                }
              }
            });
    assertThat(pods).hasSize(4);
    return pods;
  }

  static Stream<V1PodTemplateSpec> templates() {
    return pods().values().stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isInTheNamespaceAndHasNoUnknownField(String file) {
    List<KubernetesObject> objects = Manifests.load("k8s/" + file);
    assertThat(objects).isNotEmpty();
    for (KubernetesObject object : objects) {
      if (!(object instanceof V1Namespace)) {
        assertThat(object.getMetadata().getNamespace()).isEqualTo("kafka");
      }
      assertThat(object.getMetadata().getLabels())
          .containsEntry("app.kubernetes.io/part-of", "hermes");
    }
  }

  @Test
  void theParserRefusesAnUnknownField() {
    String text = Repository.read("k8s/namespace.yaml").replace("  labels:", "  labls:");
    assertThatThrownBy(() -> Manifests.parse(text)).hasMessageContaining("labls");
  }

  @ParameterizedTest
  @MethodSource("templates")
  void aPodHasNoRightsThatItDoesNotNeed(V1PodTemplateSpec template) {
    V1PodSpec pod = template.getSpec();
    assertThat(pod.getInitContainers()).isEmpty();
    hasNoRights(pod);
    for (V1Container container : pod.getContainers()) {
      assertThat(container.getReadinessProbe()).isNotNull();
      assertThat(container.getLivenessProbe()).isNotNull();
    }
  }

  static void hasNoRights(V1PodSpec pod) {
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
    assertThat(pod.getHostNetwork()).isNull();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    List<V1Container> containers = new ArrayList<>(pod.getContainers());
    containers.addAll(pod.getInitContainers());
    for (V1Container container : containers) {
      var security = container.getSecurityContext();
      assertThat(security.getAllowPrivilegeEscalation()).isFalse();
      assertThat(security.getReadOnlyRootFilesystem()).isTrue();
      assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(security.getPrivileged()).isNull();
      assertThat(container.getImage()).matches("[a-z./-]+:v?[0-9]+\\.[0-9]+\\.[0-9]+(-alpine)?");
      assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
      assertThat(container.getResources().getLimits()).containsKeys("cpu", "memory");
    }
  }

  @Test
  void imagesAreThoseOfTheComposeFile() {
    List<String> images = new ArrayList<>();
    templates().forEach(t -> t.getSpec().getContainers().forEach(c -> images.add(c.getImage())));
    assertThat(images)
        .containsExactlyInAnyOrder(
            Compose.dotEnv().get("KAFKA_IMAGE"),
            Compose.dotEnv().get("KAFKA_IMAGE"),
            Compose.dotEnv().get("KAFKA_UI_IMAGE"),
            "haproxy:3.2.24-alpine");
  }

  @Test
  void theNamespaceRefusesPodsThatCouldBecomeRoot() {
    assertThat(
            Manifests.one("k8s/namespace.yaml", V1Namespace.class, "kafka")
                .getMetadata()
                .getLabels())
        .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
  }

  @ParameterizedTest
  @ValueSource(strings = {SINGLE, THREE})
  void oneLoadBalancerOfOneUnitShowsClientPortsOnly(String file) {
    List<V1Service> services = Manifests.all("k8s/" + file, V1Service.class);
    List<V1Service> open =
        services.stream().filter(s -> "LoadBalancer".equals(s.getSpec().getType())).toList();
    assertThat(services.stream().map(s -> String.valueOf(s.getSpec().getType())))
        .doesNotContain("NodePort");
    assertThat(open).hasSize(1);
    V1Service broker = open.get(0);
    assertThat(broker.getMetadata().getName()).isEqualTo("broker");
    assertThat(broker.getSpec().getPorts().stream().map(V1ServicePort::getPort))
        .containsExactlyElementsOf(file.equals(SINGLE) ? List.of(9092) : List.of(9092, 9093, 9094));
    assertThat(broker.getMetadata().getAnnotations())
        .containsEntry("service.beta.kubernetes.io/do-loadbalancer-type", "REGIONAL")
        .containsEntry("service.beta.kubernetes.io/do-loadbalancer-size-unit", "1");
    // Nobody: these brokers let everybody in who reaches them.
    assertThat(broker.getSpec().getLoadBalancerSourceRanges()).containsExactly("127.0.0.1/32");
    assertThat(broker.getSpec().getLoadBalancerIP()).isNull();
  }

  @Test
  void anotherProxyConfigurationMeansOtherProxyPods() throws Exception {
    String configuration =
        Manifests.one("k8s/" + THREE, V1ConfigMap.class, "kafka-proxy")
            .getData()
            .get("haproxy.cfg");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(configuration.getBytes(UTF_8));
    V1Deployment proxy = Manifests.one("k8s/" + THREE, V1Deployment.class, "kafka-proxy");
    assertThat(proxy.getSpec().getTemplate().getMetadata().getAnnotations())
        .containsEntry("hermes.io/haproxy-cfg", HexFormat.of().formatHex(hash));
    assertThat(proxy.getSpec().getReplicas()).isEqualTo(2);
    assertThat(proxy.getSpec().getTemplate().getSpec().getTopologySpreadConstraints())
        .singleElement()
        .satisfies(
            spread -> {
              assertThat(spread.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
              assertThat(spread.getMaxSkew()).isEqualTo(1);
              assertThat(spread.getWhenUnsatisfiable()).isEqualTo("DoNotSchedule");
              // The pods of the configuration before are not counted.
              assertThat(spread.getMatchLabelKeys()).containsExactly("pod-template-hash");
            });
    assertThat(configuration)
        .contains("timeout client 15m", "timeout server 15m", "option clitcpka", "option srvtcpka")
        .contains("check inter 2s fall 2", "on-marked-down shutdown-sessions", "monitor-uri");
  }

  @Test
  void kafkaUiHasALoginAndNoWayInFromOutside() {
    V1Deployment ui = Manifests.one("k8s/kafka-ui.yaml", V1Deployment.class, "kafka-ui");
    V1Service service = Manifests.one("k8s/kafka-ui.yaml", V1Service.class, "kafka-ui");
    assertThat(service.getSpec().getType()).isNull();
    V1Container container = ui.getSpec().getTemplate().getSpec().getContainers().get(0);
    Map<String, String> environment = new HashMap<>();
    container.getEnv().forEach(e -> environment.put(e.getName(), e.getValue()));
    assertThat(environment).containsEntry("AUTH_TYPE", "LOGIN_FORM");
    assertThat(container.getEnvFrom().get(0).getSecretRef().getName()).isEqualTo("kafka-ui");
    assertThat(environment)
        .containsEntry(
            "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_PROTOBUFFILESDIR", "/protofiles/..data");
  }

  @Test
  void kafkaUiGetsEverySchemaOfTheConfigMapAtThePathThatImportsName() {
    V1PodSpec pod =
        Manifests.one("k8s/kafka-ui.yaml", V1Deployment.class, "kafka-ui")
            .getSpec()
            .getTemplate()
            .getSpec();
    var mounted =
        pod.getVolumes().stream()
            .filter(v -> v.getName().equals("protofiles"))
            .findFirst()
            .orElseThrow()
            .getConfigMap();
    Map<String, String> schemas =
        Manifests.one("k8s/protobuf-configmap.yaml", V1ConfigMap.class, mounted.getName())
            .getData();
    Map<String, String> pathByKey = new HashMap<>();
    mounted.getItems().forEach(i -> pathByKey.put(i.getKey(), i.getPath()));
    // With a key too many the pod would not start; with one too few an import would fail.
    assertThat(pathByKey.keySet()).isEqualTo(schemas.keySet());
    pathByKey.forEach(
        (key, path) ->
            assertThat(path.replace('/', '.')).as("mount path of %s", key).isEqualTo(key));
    assertThat(
            pod.getContainers().get(0).getVolumeMounts().stream()
                .filter(m -> m.getName().equals("protofiles"))
                .map(V1VolumeMount::getMountPath))
        .containsExactly("/protofiles");
  }

  @Test
  void kafkaUiIsSetUpInTheClusterAsInTheComposeFile() {
    Map<String, String> compose = Compose.load("docker-compose.yaml").environment("kafka-ui");
    Map<String, String> cluster = new HashMap<>();
    Manifests.one("k8s/kafka-ui.yaml", V1Deployment.class, "kafka-ui")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .get(0)
        .getEnv()
        .forEach(e -> cluster.put(e.getName(), e.getValue()));
    cluster.remove("AUTH_TYPE");
    cluster.computeIfPresent(
        "KAFKA_CLUSTERS_0_SERDE_0_PROPERTIES_PROTOBUFFILESDIR", (k, v) -> v.replace("/..data", ""));
    cluster.put("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS", "broker:29092");
    assertThat(cluster).isEqualTo(compose);
  }

  @Test
  void heapAndDirectMemoryOfKafkaUiLeaveRoomBelowTheLimitOfItsPod() {
    V1Container container =
        Manifests.one("k8s/kafka-ui.yaml", V1Deployment.class, "kafka-ui")
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .get(0);
    String options =
        container.getEnv().stream()
            .filter(e -> e.getName().equals("JAVA_OPTS"))
            .findFirst()
            .orElseThrow()
            .getValue();
    Matcher megabytes =
        Pattern.compile("-Xmx(\\d+)m -XX:MaxDirectMemorySize=(\\d+)m").matcher(options);
    assertThat(megabytes.matches()).as(options).isTrue();
    // Twice the direct memory: Netty counts its own apart from that of the JVM.
    long used = Long.parseLong(megabytes.group(1)) + 2 * Long.parseLong(megabytes.group(2));
    Quantity limit = container.getResources().getLimits().get("memory");
    assertThat(limit.getNumber().longValue()).isGreaterThanOrEqualTo((used + 250) << 20);
  }

  @Test
  void quantitiesAreWhatTheDocumentsSay() {
    for (String file : List.of(SINGLE, THREE)) {
      V1StatefulSet set = Manifests.one("k8s/" + file, V1StatefulSet.class, "kafka-broker");
      var resources = set.getSpec().getTemplate().getSpec().getContainers().get(0).getResources();
      assertThat(resources.getRequests())
          .containsEntry("cpu", new Quantity("1"))
          .containsEntry("memory", new Quantity("2Gi"));
      assertThat(resources.getLimits())
          .containsEntry("cpu", new Quantity("2"))
          .containsEntry("memory", new Quantity("4Gi"));
      var claim = set.getSpec().getVolumeClaimTemplates().get(0);
      assertThat(claim.getMetadata().getName()).isEqualTo("kafka-data");
      assertThat(claim.getSpec().getResources().getRequests())
          .containsEntry("storage", new Quantity("20Gi"));
    }
  }
}
