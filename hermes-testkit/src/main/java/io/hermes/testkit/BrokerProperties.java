package io.hermes.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** The configuration of brokers that are also controllers. */
final class BrokerProperties {

  /** A broker's id and the ports of its two listeners. */
  record Node(int id, int port, int controllerPort) {

    String address() {
      return "127.0.0.1:" + port;
    }
  }

  private BrokerProperties() {}

  static Properties of(
      Node node, List<Node> cluster, Path dataDirectory, Map<String, String> overrides) {
    int replicas = Math.min(cluster.size(), 3);
    String factor = Integer.toString(replicas);
    String minInSync = replicas == 3 ? "2" : "1";
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", Integer.toString(node.id()));
    p.setProperty(
        "controller.quorum.voters",
        cluster.stream()
            .map(n -> n.id() + "@127.0.0.1:" + n.controllerPort())
            .collect(Collectors.joining(",")));
    p.setProperty(
        "listeners",
        "CLIENT://" + node.address() + ",CONTROLLER://127.0.0.1:" + node.controllerPort());
    p.setProperty("advertised.listeners", "CLIENT://" + node.address());
    // The client listener has its own name, so that a test can secure it without naming ports.
    p.setProperty("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("inter.broker.listener.name", "CLIENT");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("log.dirs", dataDirectory.toAbsolutePath().toString());

    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", factor);
    p.setProperty("min.insync.replicas", minInSync);
    for (String topic :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      p.setProperty(topic + ".num.partitions", factor);
      p.setProperty(topic + ".replication.factor", factor);
    }
    p.setProperty("transaction.state.log.min.isr", minInSync);
    p.setProperty("share.coordinator.state.topic.min.isr", minInSync);
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    // A killed broker may register again only after its session has expired: 2 s instead of 9 s.
    p.setProperty("broker.session.timeout.ms", "2000");
    p.setProperty("broker.heartbeat.interval.ms", "500");
    // The default of 500 ms accounts for a third of an idle broker's work.
    p.setProperty("metadata.max.idle.interval.ms", "5000");
    // The default of one minute is too short on a busy machine; the start has its own time limit.
    p.setProperty("initial.broker.registration.timeout.ms", "180000");
    // The default of 128 MiB causes an OutOfMemoryError in a small heap.
    p.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
    overrides.forEach(p::setProperty);
    return p;
  }
}
