package io.hermes.deployment;

import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The manifests in k8s/, parsed so strictly that an unknown field is a failure. */
final class Manifests {

  private Manifests() {}

  static List<Path> files() {
    try (Stream<Path> files = Files.list(Repository.file("k8s"))) {
      return files
          .filter(f -> f.toString().endsWith(".yaml"))
          .filter(f -> !f.endsWith("kustomization.yaml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<KubernetesObject> load(String file) {
    return parse(Repository.read(file));
  }

  static List<KubernetesObject> parse(String text) {
    try {
      return Yaml.loadAll(text).stream().map(KubernetesObject.class::cast).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <T extends KubernetesObject> List<T> all(String file, Class<T> type) {
    return load(file).stream().filter(type::isInstance).map(type::cast).toList();
  }

  static <T extends KubernetesObject> T one(String file, Class<T> type, String name) {
    return all(file, type).stream()
        .filter(o -> Objects.equals(o.getMetadata().getName(), name))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("No " + type.getSimpleName() + " " + name + " in " + file));
  }

  /** The number of the port that a probe connects to by its name. */
  static int port(V1Container container, V1Probe probe) {
    String name = probe.getTcpSocket().getPort().getStrValue();
    return container.getPorts().stream()
        .filter(p -> Objects.equals(p.getName(), name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("The container has no port " + name))
        .getContainerPort();
  }
}
