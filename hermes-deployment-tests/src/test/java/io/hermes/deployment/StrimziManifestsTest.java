package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the resources for Strimzi promise: the same cluster as the manifests beside them. */
class StrimziManifestsTest {

  private static final Map<?, ?> KAFKA = StrimziFiles.one("kafka.yaml", "Kafka", "hermes");

  static Stream<Path> files() {
    return StrimziFiles.all().stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyResourceBelongsToTheClusterOfTheseFiles(Path file) {
    for (Map<?, ?> object : StrimziFiles.load(file)) {
      Map<?, ?> labels = (Map<?, ?>) StrimziFiles.at(object, "metadata", "labels");
      assertThat(labels.get("app.kubernetes.io/part-of")).isEqualTo("hermes");
      if (!object.get("kind").equals("Kafka")) {
        assertThat(labels.get("strimzi.io/cluster")).isEqualTo("hermes");
      }
    }
  }

  @Test
  void theBrokersAreConfiguredAsThoseOfTheManifests() {
    Map<String, String> here = new HashMap<>();
    ((Map<?, ?>) StrimziFiles.at(KAFKA, "spec", "kafka", "config"))
        .forEach((name, value) -> here.put(name.toString(), value.toString()));
    Map<String, String> there = new HashMap<>();
    V1StatefulSet brokers =
        Manifests.one("k8s/" + ManifestsTest.THREE, V1StatefulSet.class, "kafka-broker");
    V1Container container = brokers.getSpec().getTemplate().getSpec().getContainers().get(0);
    // What the operator sets by itself, and the container's own settings.
    Set<String> others =
        Set.of(
            "process.roles",
            "controller.quorum.voters",
            "controller.listener.names",
            "inter.broker.listener.name",
            "listeners",
            "listener.security.protocol.map",
            "log.dirs",
            "heap.opts");
    container
        .getEnv()
        .forEach(
            variable -> {
              String name = variable.getName();
              String property =
                  name.replaceFirst("^KAFKA_", "").replace('_', '.').toLowerCase(Locale.ROOT);
              if (name.startsWith("KAFKA_")
                  && variable.getValue() != null
                  && !others.contains(property)) {
                there.put(property, variable.getValue());
              }
            });
    assertThat(here).isEqualTo(there);
    assertThat(new TreeSet<>(AbstractKafkaConfig.CONFIG_DEF.names())).containsAll(here.keySet());
  }

  @Test
  void theVersionIsTheOneOfTheImages() {
    assertThat(Compose.dotEnv().get("KAFKA_IMAGE"))
        .endsWith(":" + StrimziFiles.at(KAFKA, "spec", "kafka", "version"));
  }

  @Test
  void everyListenerWantsTlsAndAPasswordAndEveryUserHasOne() {
    List<?> listeners = (List<?>) StrimziFiles.at(KAFKA, "spec", "kafka", "listeners");
    assertThat(listeners).hasSize(2);
    for (Object one : listeners) {
      Map<?, ?> listener = (Map<?, ?>) one;
      assertThat(listener.get("tls")).isEqualTo(true);
      assertThat(StrimziFiles.at(listener, "authentication", "type")).isEqualTo("scram-sha-512");
    }
    assertThat(StrimziFiles.at(KAFKA, "spec", "kafka", "authorization", "type"))
        .isEqualTo("simple");
    for (Map<?, ?> user : StrimziFiles.load(Repository.file("k8s/strimzi/users.yaml"))) {
      assertThat(StrimziFiles.at(user, "spec", "authentication", "type"))
          .isEqualTo("scram-sha-512");
      assertThat(StrimziFiles.at(user, "spec", "authorization", "type")).isEqualTo("simple");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pools.yaml", "pool-combined.yaml"})
  void threeNodesHoldTheQuorumAndNoVolumeGoesWithItsPool(String file) {
    int controllers = 0;
    int brokers = 0;
    for (Map<?, ?> pool : StrimziFiles.load(Repository.file("k8s/strimzi/" + file))) {
      List<?> roles = (List<?>) StrimziFiles.at(pool, "spec", "roles");
      int replicas = (int) StrimziFiles.at(pool, "spec", "replicas");
      controllers += roles.contains("controller") ? replicas : 0;
      brokers += roles.contains("broker") ? replicas : 0;
      for (Object volume : (List<?>) StrimziFiles.at(pool, "spec", "storage", "volumes")) {
        assertThat(((Map<?, ?>) volume).get("deleteClaim")).isEqualTo(false);
      }
      Object name = StrimziFiles.at(pool, "metadata", "name");
      assertThat(StrimziFiles.at(pool, "spec", "template", "pod", "affinity").toString())
          .contains("strimzi.io/pool-name=" + name);
      int grace =
          (int) StrimziFiles.at(pool, "spec", "template", "pod", "terminationGracePeriodSeconds");
      assertThat(grace).isGreaterThanOrEqualTo(90);
    }
    assertThat(controllers).isEqualTo(3);
    assertThat(brokers).isEqualTo(3);
  }

  @Test
  void theMetricsAreThoseOfTheConfigMap() {
    Map<?, ?> reference =
        (Map<?, ?>)
            StrimziFiles.at(
                KAFKA, "spec", "kafka", "metricsConfig", "valueFrom", "configMapKeyRef");
    V1ConfigMap metrics =
        Manifests.one(
            "kustomize/components/metrics/kafka-metrics.yaml",
            V1ConfigMap.class,
            reference.get("name").toString());
    assertThat(metrics.getData()).containsKey(reference.get("key").toString());
  }
}
