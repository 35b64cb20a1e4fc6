package io.hermes.deployment;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The brokers of a manifest, as a cluster would run them; none is started yet. */
final class Cluster implements AutoCloseable {

  private static final String DOMAIN = ".kafka-brokers.kafka.svc.cluster.local";

  private final Path directory;
  private final String manifest;
  private final List<DeployedBroker> brokers = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();
  private final Loopback loopback = new Loopback();
  private final boolean secure;
  private final int readinessPort;
  private final Path hosts;

  /**
   * Sets up the pods' environments.
   *
   * @param externalHost what deploy.sh found as the address of the load balancer, or null for the
   *     address of the first broker
   */
  Cluster(Path directory, String manifest, boolean secure, String externalHost) throws IOException {
    this.directory = directory;
    this.secure = secure;
    this.manifest = manifest;
    V1StatefulSet set =
        secure
            ? Kustomize.one(overlay(manifest), V1StatefulSet.class, "kafka-broker")
            : Manifests.one("k8s/" + manifest, V1StatefulSet.class, "kafka-broker");
    int replicas = set.getSpec().getReplicas();
    for (int i = 0; i < replicas; i++) {
      names.put("kafka-broker-" + i + DOMAIN, loopback.address(i + 1));
    }
    String host = externalHost == null ? loopback.address(1) : externalHost;
    hosts = Loopback.hosts(directory.resolve("hosts"), names);
    if (secure) {
      List<String> command = new ArrayList<>();
      command.add(Repository.file("k8s/certificates.sh").toString());
      command.add(directory.resolve("tls").toString());
      command.add("localhost");
      command.add(host);
      command.addAll(names.keySet());
      Processes.run(command, Map.of(), directory).expectSuccess();
    }
    V1Container container = set.getSpec().getTemplate().getSpec().getContainers().get(0);
    readinessPort = Manifests.port(container, container.getReadinessProbe());
    List<String> command = new ArrayList<>(container.getCommand());
    command.addAll(container.getArgs());
    for (int i = 0; i < replicas; i++) {
      Map<String, String> environment = new PodEnvironment("kafka-broker", i).of(container);
      environment.put("EXTERNAL_HOST", host);
      // Not twice a second: a third of what an idle broker does, and several clusters wait here.
      environment.put("KAFKA_METADATA_MAX_IDLE_INTERVAL_MS", "5000");
      DeployedBroker broker =
          new DeployedBroker(
              directory.resolve("broker-" + i),
              loopback.address(i + 1),
              environment,
              command,
              hosts);
      mount(broker);
      brokers.add(broker);
    }
  }

  private static String overlay(String manifest) {
    return manifest.equals(ManifestsTest.SINGLE) ? "secure" : "ha-secure";
  }

  private void mount(DeployedBroker broker) throws IOException {
    V1ConfigMap logging = Manifests.one("k8s/" + manifest, V1ConfigMap.class, "kafka-logging");
    for (var file : logging.getData().entrySet()) {
      Repository.write(broker.mountedConfiguration().resolve(file.getKey()), file.getValue());
    }
    if (secure) {
      Files.createDirectories(broker.secrets());
      for (String file : List.of("keystore.pem", "ca.crt")) {
        Files.copy(directory.resolve("tls").resolve(file), broker.secrets().resolve(file));
      }
      Repository.write(
          broker.secrets().resolve("admin.properties"),
          String.join(
              "\n",
              broker.localized(
                  Repository.read("kustomize/components/secure/admin.properties")
                      .lines()
                      .toList())));
    }
  }

  boolean isSecure() {
    return secure;
  }

  List<DeployedBroker> brokers() {
    return brokers;
  }

  DeployedBroker broker(int id) {
    return brokers.get(id);
  }

  /**
   * Waits until these brokers have a port open, for at most three minutes each. As a kubelet does,
   * it starts a broker again that has ended because it found no quorum within a minute.
   */
  void await(int port, int... ids) {
    for (int waiting : ids) {
      long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
      while (!broker(waiting).isOpen(port)) {
        for (int id : ids) {
          if (broker(id).hasFoundNoQuorum()) {
            broker(id).launch();
          }
        }
        boolean ended = !broker(waiting).isAlive() && !broker(waiting).hasFoundNoQuorum();
        if (ended || System.nanoTime() > deadline) {
          broker(waiting).await(port); // says what it has logged
        }
        Processes.pause();
      }
    }
  }

  /** Waits until all brokers are ready. */
  void awaitReady() {
    await(readinessPort, IntStream.range(0, brokers.size()).toArray());
  }

  /** A broker's name in the cluster's DNS. */
  String name(int id) {
    return "kafka-broker-" + id + DOMAIN;
  }

  /** The cluster's DNS, as a file for child JVMs. */
  Path hosts() {
    return hosts;
  }

  /** Where a kubelet asks whether a broker may get clients. */
  int readinessPort() {
    return readinessPort;
  }

  Path ca() {
    return directory.resolve("tls/ca.crt");
  }

  /** What deploy.sh does in the pod of the first broker. */
  void addUser(String name, String password) {
    Path file =
        Repository.write(
            directory.resolve("scram.properties"), "SCRAM-SHA-512=password=" + password + "\n");
    // In the pod this is localhost: here each broker has its own address.
    String bootstrap = name(0);
    broker(0)
        .tool(
            "kafka.admin.ConfigCommand",
            List.of(
                "--bootstrap-server=" + bootstrap + ":29094",
                "--command-config=/etc/kafka/secrets/admin.properties",
                "--alter",
                "--entity-type=users",
                "--entity-name=" + name,
                "--add-config-file=" + file))
        .expectSuccess();
  }

  @Override
  public void close() {
    brokers.forEach(DeployedBroker::close);
  }
}
