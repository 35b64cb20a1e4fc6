package io.hermes.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code k8s/protobuf-configmap.yaml}: the .proto files for kafka-ui in Kubernetes. A key may hold
 * no slash, so it is the import path with dots, and the Deployment gives each key its path back.
 */
final class ConfigMap {

  private static final String FILE = "k8s/protobuf-configmap.yaml";
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
    Path repository = ProtoFiles.repository();
    Files.writeString(file(repository), render(ProtoFiles.read(repository)));
    System.out.println("Written: " + FILE);
  }

  static Path file(Path repository) {
    return repository.resolve(FILE);
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
