package io.hermes.deployment;

import io.kubernetes.client.common.KubernetesObject;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.Yaml;

/** What kubectl apply -k would apply, rendered by kubectl's own kustomize. */
final class Kustomize {

  private static final int OLDEST_MAJOR = 5;
  private static final Map<String, String> RENDERED = new ConcurrentHashMap<>();
  private static final boolean HERE = find();

  private Kustomize() {}

  /** Whether kubectl is here, and new enough: 1.27 or newer, which has kustomize 5. */
  static boolean isHere() {
    return HERE;
  }

  private static boolean find() {
    try {
      Processes.Result version =
          Processes.run(
              List.of("kubectl", "version", "--client", "--output=json"),
              Map.of(),
              Repository.root());
      Map<?, ?> found = new Yaml().load(version.output());
      String kustomize = String.valueOf(found.get("kustomizeVersion"));
      return kustomize.matches("v[0-9]+\\..*")
          && Integer.parseInt(kustomize.substring(1, kustomize.indexOf('.'))) >= OLDEST_MAJOR;
    } catch (UncheckedIOException absent) {
      return false;
    }
  }

  /** The manifests of one of kustomize/overlays, one after the other. */
  static String render(String overlay) {
    return RENDERED.computeIfAbsent(
        overlay,
        name ->
            Processes.run(
                    List.of("kubectl", "kustomize", "kustomize/overlays/" + name),
                    Map.of(),
                    Repository.root())
                .expectSuccess()
                .output());
  }

  /** Those of Kubernetes' own kinds, parsed strictly. */
  static List<KubernetesObject> load(String manifests) {
    List<KubernetesObject> objects = new ArrayList<>();
    for (String one : manifests.split("(?m)^---$", -1)) {
      if (!custom(one)) {
        objects.addAll(Manifests.parse(one));
      }
    }
    return objects;
  }

  /** Those of operators, whose kinds the client does not know. */
  static List<Map<String, Object>> custom(List<String> manifests) {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (String one : manifests) {
      if (custom(one)) {
        objects.add(new Yaml().load(one));
      }
    }
    return objects;
  }

  private static boolean custom(String manifest) {
    return manifest.contains("apiVersion: cert-manager.io/")
        || manifest.contains("apiVersion: monitoring.coreos.com/");
  }

  static <T extends KubernetesObject> T one(String overlay, Class<T> type, String name) {
    return load(render(overlay)).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .filter(o -> Objects.equals(o.getMetadata().getName(), name))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("No " + type.getSimpleName() + " " + name + " in " + overlay));
  }
}
