package io.hermes.deployment;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The scripts, with a kubectl that records its calls, an openssl with LibreSSL's options, and
 * brokers that answer or do not.
 */
final class StubbedScripts {

  private final Path directory;
  private final Path stub;
  private final Path scripts;

  StubbedScripts(Path directory) throws IOException {
    this(directory, directory.resolve("stub"), directory.resolve("k8s"));
    assumeTrue(Kustomize.isHere(), "deploy.sh needs kubectl 1.27 or newer");
    Files.createDirectories(stub);
    Files.createDirectories(scripts);
    Files.createDirectories(stub.resolve("applied"));
    Files.createDirectories(stub.resolve("secrets"));
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.copy(Path.of("src/test/resources/kubectl"), bin.resolve("kubectl"));
    LibreSsl.install(bin);
    try (Stream<Path> files = Files.list(Repository.file("k8s"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, scripts.resolve(file.getFileName()));
      }
    }
    // What is in it does not matter here, and changes with the schemas.
    Repository.write(
        scripts.resolve("protobuf-configmap.yaml"),
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: protobuf-schemas, namespace: kafka}
        """);
    copy("kustomize", directory);
    copy("monitoring", directory);
    // Tested with real brokers elsewhere. Here it says what the brokers advertise.
    Path check = scripts.resolve("check-address.sh");
    Files.delete(check);
    Repository.write(
        check,
        """
        #!/bin/bash
        echo "$*" >>"$STUB/checked"
        cat "$STUB/advertised"
        [ -f "$STUB/check-code" ] || exit 0
        echo "$1:$2 is not as it should be" >&2
        exit "$(cat "$STUB/check-code")"
        """);
    if (!check.toFile().setExecutable(true)) {
      throw new IOException("Cannot make " + check + " executable");
    }
    advertise("localhost:9092");
  }

  private StubbedScripts(Path directory, Path stub, Path scripts) {
    this.directory = directory;
    this.stub = stub;
    this.scripts = scripts;
  }

  /** The same scripts and the same state of the cluster, in another directory. */
  StubbedScripts copyTo(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(f -> !f.equals(directory)).toList()) {
        Files.copy(file, target.resolve(directory.relativize(file)), COPY_ATTRIBUTES);
      }
    }
    return new StubbedScripts(
        target,
        target.resolve(directory.relativize(stub)),
        target.resolve(directory.relativize(scripts)));
  }

  private static void copy(String tree, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(Repository.file(tree))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(Repository.root().relativize(file).toString()));
      }
    }
  }

  StubbedScripts minikube() {
    return set("context", "minikube").set("providers", "").set("minikube-nodes", "node/minikube");
  }

  StubbedScripts digitalOcean(String address) {
    return set("context", "do-fra1-kafka")
        .set("providers", "digitalocean://1 digitalocean://2")
        .set("address", address);
  }

  /** What kubectl finds in the cluster. */
  StubbedScripts set(String what, String value) {
    Repository.write(stub.resolve(what), value);
    return this;
  }

  StubbedScripts advertise(String... addresses) {
    return set("advertised", String.join("\n", addresses) + "\n");
  }

  Result run(String script, String... options) {
    List<String> command = new ArrayList<>();
    command.add(scripts.resolve(script).toString());
    command.addAll(List.of(options));
    String path = LibreSsl.path(stub.resolveSibling("bin"));
    return Processes.run(
        command,
        Map.of(
            "PATH",
            path,
            "STUB",
            stub.toString(),
            "POLL_SECONDS",
            "0.1",
            "REAL_KUBECTL",
            realKubectl()),
        scripts);
  }

  /** For what needs no cluster. */
  private static String realKubectl() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(directory -> Path.of(directory, "kubectl"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse("kubectl-is-not-installed");
  }

  /** Whether kubectl knows such a thing. */
  Path state(String name) {
    return stub.resolve(name);
  }

  List<String> calls() {
    return lines("calls");
  }

  List<String> checked() {
    return lines("checked");
  }

  private List<String> lines(String file) {
    return Files.exists(stub.resolve(file))
        ? Repository.read(stub.resolve(file)).lines().toList()
        : List.of();
  }

  void forgetCalls() throws IOException {
    Files.deleteIfExists(stub.resolve("calls"));
    Files.deleteIfExists(stub.resolve("checked"));
  }

  /** The manifests that were applied, and not only a selected part of them, in their order. */
  List<String> applied() throws IOException {
    try (Stream<Path> files = Files.list(stub.resolve("applied"))) {
      return files
          .filter(f -> !f.toString().contains("selected"))
          .sorted(
              (a, b) ->
                  Integer.compare(
                      Integer.parseInt(a.getFileName().toString().replaceAll("[^0-9]", "")),
                      Integer.parseInt(b.getFileName().toString().replaceAll("[^0-9]", ""))))
          .map(Repository::read)
          .toList();
    }
  }

  /** The last applied manifest that holds a StatefulSet. */
  String statefulSet() throws IOException {
    return applied().stream()
        .filter(m -> m.contains("kind: StatefulSet"))
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
