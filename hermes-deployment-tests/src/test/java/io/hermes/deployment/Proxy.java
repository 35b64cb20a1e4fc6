package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real HAProxy with the configuration of the manifest, in front of three brokers. */
final class Proxy implements AutoCloseable {

  private final Process process;

  /**
   * Starts it, and waits until it takes clients.
   *
   * @param outside the address of the load balancer
   */
  Proxy(Path directory, Cluster cluster, String outside) throws IOException {
    String configuration =
        Manifests.one("k8s/" + ManifestsTest.THREE, V1ConfigMap.class, "kafka-proxy")
            .getData()
            .get("haproxy.cfg")
            .replace("bind :", "bind " + outside + ":");
    for (int i = 0; i < 3; i++) {
      String name = "kafka-broker-" + i + ".kafka.svc.cluster.local:9092";
      assertThat(configuration).contains(name);
      configuration = configuration.replace(name, cluster.broker(i).address() + ":9092");
    }
    Path file = Repository.write(directory.resolve("haproxy.cfg"), configuration);
    Processes.run(List.of("haproxy", "-c", "-f", file.toString()), Map.of(), directory)
        .expectSuccess();
    Path log = directory.resolve("haproxy.log");
    process =
        new ProcessBuilder("haproxy", "-W", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    for (int port : List.of(9092, 9093, 9094)) {
      Processes.await(process, outside, port, log);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
