package io.hermes.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code k8s/protobuf-configmap.yaml}: the .proto files for kafka-ui in Kubernetes. A key may hold
 * no slash, so it is the import path with dots, and the Deployment gives each key its path back.
 */
final class ConfigMap {

  private static final String FILE = "k8s/protobuf-configmap.yaml";
  private static final String DEPLOYMENT = "k8s/kafka-ui.yaml";
  private static final Pattern ITEMS =
      Pattern.compile(
          "(?m)^( *)- \\{key: \\S+\\.proto, path: \\S+\\.proto\\}\n(?: *- \\{key: \\S+\\.proto, path: \\S+\\.proto\\}\n)*");
  private static final String HEADER =
      """
      # Generated from the .proto files by make -C hermes-schema sync. Do not edit.
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: protobuf-schemas
        namespace: kafka
        labels:
          app.kubernetes.io/part-of: hermes
      data:
      """;

  private ConfigMap() {}

  /** Writes what mirrors the schema. */
  public static void main(String[] args) throws IOException {
    for (Map.Entry<Path, String> mirror : mirrors(ProtoFiles.repository()).entrySet()) {
      Files.writeString(mirror.getKey(), mirror.getValue());
      System.out.println("Written: " + mirror.getKey());
    }
  }

  /** The files that mirror the schema, with what should be in them. */
  static Map<Path, String> mirrors(Path repository) throws IOException {
    SortedMap<String, String> protoFiles = ProtoFiles.read(repository);
    Map<Path, String> mirrors = new LinkedHashMap<>();
    mirrors.put(repository.resolve(FILE), render(protoFiles));
    Path deployment = repository.resolve(DEPLOYMENT);
    mirrors.put(deployment, withItems(Files.readString(deployment), protoFiles.keySet()));
    return mirrors;
  }

  /** The Deployment with the lines that give each key its path back. */
  static String withItems(String deployment, Collection<String> paths) {
    Matcher items = ITEMS.matcher(deployment);
    if (!items.find()) {
      throw new IllegalStateException(
          DEPLOYMENT
              + " has no item like - {key: a.b.proto, path: a/b.proto}; add one where the list is to be.");
    }
    String lines =
        paths.stream()
            .map(path -> items.group(1) + "- {key: " + key(path) + ", path: " + path + "}\n")
            .collect(Collectors.joining());
    return items.replaceFirst(Matcher.quoteReplacement(lines));
  }

  static String render(SortedMap<String, String> protoFiles) {
    StringBuilder yaml = new StringBuilder(HEADER);
    Map<String, String> keys = new TreeMap<>();
    protoFiles.forEach(
        (path, text) -> {
          String other = keys.putIfAbsent(key(path), path);
          if (other != null) {
            throw new IllegalStateException(
                path + " and " + other + " have the same key; rename one of them.");
          }
          yaml.append("  ").append(key(path)).append(": |\n");
          text.lines()
              .forEach(line -> yaml.append(line.isEmpty() ? "" : "    " + line).append('\n'));
        });
    return yaml.toString();
  }

  static String key(String path) {
    return path.replace('/', '.');
  }
}
