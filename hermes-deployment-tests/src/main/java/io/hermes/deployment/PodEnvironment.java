package io.hermes.deployment;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment that a kubelet gives to a container of a StatefulSet's pod. */
final class PodEnvironment {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_]*)\\)");

  private final String podName;
  private final int podIndex;
  private final Map<String, Map<String, String>> configMaps = new HashMap<>();

  PodEnvironment(String statefulSet, int podIndex, List<V1ConfigMap> configMaps) {
    this.podName = statefulSet + "-" + podIndex;
    this.podIndex = podIndex;
    configMaps.forEach(c -> this.configMaps.put(c.getMetadata().getName(), c.getData()));
  }

  /** As in kubelet: env wins over envFrom, and only variables of env can be referred to. */
  Map<String, String> of(V1Container container) {
    Map<String, String> variables = new TreeMap<>();
    for (V1EnvFromSource source : container.getEnvFrom()) {
      variables.putAll(configMap(source.getConfigMapRef().getName()));
    }
    Map<String, String> referable = new HashMap<>();
    for (V1EnvVar variable : container.getEnv()) {
      String value = variable.getValue() != null ? variable.getValue() : fromSource(variable);
      referable.put(variable.getName(), expand(value, referable));
    }
    variables.putAll(referable);
    return variables;
  }

  /** The same references in a container's command. What has no such name stays as it is. */
  static String expand(String text, Map<String, String> variables) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(variables.getOrDefault(found.group(1), found.group())));
  }

  private String fromSource(V1EnvVar variable) {
    var source = variable.getValueFrom();
    if (source.getConfigMapKeyRef() != null) {
      String key = source.getConfigMapKeyRef().getKey();
      String value = configMap(source.getConfigMapKeyRef().getName()).get(key);
      if (value == null) {
        throw new AssertionError("No key " + key + " for " + variable.getName());
      }
      return value;
    }
    String path = source.getFieldRef().getFieldPath();
    return switch (path) {
      case "metadata.name" -> podName;
      case "metadata.labels['apps.kubernetes.io/pod-index']" -> Integer.toString(podIndex);
      default -> throw new AssertionError("No field " + path + " in a StatefulSet's pod");
    };
  }

  private Map<String, String> configMap(String name) {
    Map<String, String> data = configMaps.get(name);
    if (data == null) {
      throw new AssertionError("The pod would not start: there is no ConfigMap " + name);
    }
    return data;
  }
}
