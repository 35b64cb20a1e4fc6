package io.hermes.deployment;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment that a kubelet gives to a container of a StatefulSet's pod. */
final class PodEnvironment {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_]*)\\)");

  private final String podName;
  private final int podIndex;

  PodEnvironment(String statefulSet, int podIndex) {
    this.podName = statefulSet + "-" + podIndex;
    this.podIndex = podIndex;
  }

  /** As in kubelet: a variable can refer to those before it. */
  Map<String, String> of(V1Container container) {
    if (!container.getEnvFrom().isEmpty()) {
      throw new AssertionError("A broker's environment is all in env: " + container.getEnvFrom());
    }
    Map<String, String> variables = new HashMap<>();
    for (V1EnvVar variable : container.getEnv()) {
      String value = variable.getValue() != null ? variable.getValue() : fromSource(variable);
      variables.put(variable.getName(), expand(value, variables));
    }
    return new TreeMap<>(variables);
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
    String path = variable.getValueFrom().getFieldRef().getFieldPath();
    return switch (path) {
      case "metadata.name" -> podName;
      case "metadata.labels['apps.kubernetes.io/pod-index']" -> Integer.toString(podIndex);
      default -> throw new AssertionError("No field " + path + " in a StatefulSet's pod");
    };
  }
}
