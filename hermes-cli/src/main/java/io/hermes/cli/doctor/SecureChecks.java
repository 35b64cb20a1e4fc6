package io.hermes.cli.doctor;

import io.hermes.AccessException;
import io.hermes.HermesException;
import io.hermes.cli.console.Text;
import io.hermes.cli.doctor.AdvertisedAddresses.Broker;
import io.hermes.cli.doctor.AdvertisedAddresses.ClusterView;
import io.hermes.cli.doctor.Network.Address;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.jspecify.annotations.Nullable;

/**
 * Checks TLS and the password with Kafka's own client, because its result is what matters. For one
 * thread.
 */
final class SecureChecks {

  private static final int STEP_MS = 5_000;
  private static final Duration SOON = Duration.ofDays(30);

  private final Diagnosis diagnosis;
  private final KafkaSettings settings;
  private final Address address;
  private final boolean tls;
  private final boolean sasl;

  /**
   * Checks brokers through one of them.
   *
   * @param address the address of a broker that accepts connections
   */
  SecureChecks(Diagnosis diagnosis, KafkaSettings settings, Address address) {
    this.diagnosis = diagnosis;
    this.settings = settings;
    this.address = address;
    String protocol = ConnectionChecks.protocol(settings);
    this.tls = protocol.endsWith("SSL");
    this.sasl = protocol.startsWith("SASL");
  }

  /** Runs the checks, then passes on what the cluster reports about itself. */
  void run(Consumer<ClusterView> next) {
    @Nullable ClusterView cluster = null;
    @Nullable HermesException failure = null;
    try {
      cluster = describe();
    } catch (HermesException e) {
      failure = e;
    }
    if (failure instanceof AccessException && failure.getCause() != null) {
      refused(failure, failure.getCause());
      return;
    }
    if (cluster == null) {
      cluster = fromTopics(); // if the advertised addresses cannot be reached
    }
    if (cluster == null) {
      diagnosis.failure(
          "broker",
          address + " accepts connections but does not respond",
          "Correct the port (KAFKA_BROKER or --broker), or KAFKA_SECURITY_PROTOCOL, which is "
              + ConnectionChecks.protocol(settings)
              + ". Or the brokers' advertised addresses cannot be reached from here; check"
              + " their advertised.listeners.");
      return;
    }
    accepted();
    next.accept(cluster);
  }

  private ClusterView describe() {
    int timeoutMs = diagnosis.stepMs(STEP_MS);
    try (Admin admin = settings.clients().admin(settings.adminProperties(Map.of()))) {
      try {
        var answer = admin.describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMs));
        Collection<Node> nodes = answer.nodes().get(timeoutMs + 500L, TimeUnit.MILLISECONDS);
        Node controller = answer.controller().get();
        return view(answer.clusterId().get(), controller, nodes);
      } finally {
        admin.close(Duration.ofSeconds(1));
      }
    } catch (ExecutionException | TimeoutException | InterruptedException | KafkaException e) {
      throw KafkaFailures.translate(e, address.toString(), null);
    }
  }

  /**
   * Queries topics instead. This needs only the first broker to respond, unlike other requests, but
   * at least one topic must exist.
   */
  private @Nullable ClusterView fromTopics() {
    Duration timeout = Duration.ofMillis(diagnosis.stepMs(STEP_MS));
    Map<Integer, Node> nodes = new TreeMap<>();
    try (var consumer = settings.clients().consumer(settings.consumerProperties(Map.of()))) {
      for (List<PartitionInfo> partitions : consumer.listTopics(timeout).values()) {
        for (PartitionInfo partition : partitions) {
          for (Node node : partition.replicas()) {
            nodes.put(node.id(), node);
          }
        }
      }
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    } catch (KafkaException e) {
      return null;
    }
    return nodes.isEmpty() ? null : view(null, null, nodes.values());
  }

  private static ClusterView view(
      @Nullable String id, @Nullable Node controller, Collection<Node> nodes) {
    return new ClusterView(
        id,
        controller == null ? -1 : controller.id(),
        nodes.stream()
            .map(node -> new Broker(node.id(), new Address(node.host(), node.port())))
            .toList());
  }

  private void refused(HermesException failure, Throwable cause) {
    boolean password =
        cause instanceof SaslAuthenticationException
            || cause instanceof UnsupportedSaslMechanismException;
    if (password && tls) {
      tlsWorks();
    }
    diagnosis.failure(
        password ? "sasl" : "tls",
        failure.problem(),
        failure.advice().orElse("Check the certificates on both sides."));
    diagnosis.skipped(
        "broker", "not checked, nor anything that depends on it: no connection is accepted");
  }

  private void accepted() {
    if (tls) {
      tlsWorks();
    }
    if (sasl) {
      Object mechanism = settings.adminProperties(Map.of()).get("sasl.mechanism");
      diagnosis.ok("sasl", "the credentials are accepted, with " + mechanism);
    }
  }

  private void tlsWorks() {
    String text = "the handshake works";
    try {
      X509Certificate certificate = TlsProbe.certificate(address, diagnosis.stepMs(STEP_MS));
      Instant end = certificate.getNotAfter().toInstant();
      text += ", the certificate of " + address + " ends at " + Text.time(end);
      if (end.isBefore(Instant.now().plus(SOON))) {
        diagnosis.warning("tls", text, "Renew it in time.");
        return;
      }
    } catch (IOException e) {
      text += " with this client's certificate"; // the probe presents none, and was rejected
    }
    diagnosis.ok("tls", text);
  }
}
