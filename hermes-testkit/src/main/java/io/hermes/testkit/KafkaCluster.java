package io.hermes.testkit;

import io.hermes.testkit.BrokerProperties.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka brokers that can be killed, paused and restarted. Each runs in its own JVM on 127.0.0.1 and
 * is also a KRaft controller.
 *
 * <pre>{@code
 * try (KafkaCluster kafka = KafkaCluster.builder().brokers(3).start()) {
 *   kafka.createTopic("orders", 3);
 *   kafka.broker(1).kill();
 *   // acknowledged records are still there
 *   kafka.broker(1).start();
 * }
 * }</pre>
 *
 * <p>With three or more brokers, topics (including Kafka's internal ones) have three replicas and
 * require two in sync. With fewer, every broker has a replica and one in sync is enough. A broker
 * takes about two seconds to start and uses 320 MiB. The child JVMs use this JVM's class path,
 * which must be in {@code java.class.path}. They end with this JVM, even if it is killed (after
 * SIGKILL the temporary directory remains). A broker that misses heartbeats for two seconds counts
 * as dead, instead of Kafka's nine, so that a killed broker can return soon; see {@link
 * Builder#property}.
 *
 * <p>Safe for any thread.
 */
public final class KafkaCluster implements Kafka, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaCluster.class);
  private static final int START_ATTEMPTS = 5;

  private final Path directory;
  private final List<Node> nodes;
  private final List<Broker> brokers;
  private final TestTopics topics = new TestTopics(this::bootstrapServers);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread shutdownHook = new Thread(this::closeNow, "hermes-kafka-shutdown");
  private volatile boolean keepLogs;

  private KafkaCluster(Path directory, List<Node> nodes, Map<String, String> properties) {
    this.directory = directory;
    this.nodes = nodes;
    String clusterId = Uuid.randomUuid().toString();
    List<Broker> handles = new ArrayList<>();
    for (Node node : nodes) {
      Path home = directory.resolve("broker-" + node.id());
      Path data = home.resolve("data");
      Directories.create(data);
      KraftServer.write(
          BrokerProperties.of(node, nodes, data, properties), home.resolve("server.properties"));
      Path log = directory.resolve("broker-" + node.id() + ".log");
      handles.add(new Broker(node, clusterId, home, log));
    }
    this.brokers = List.copyOf(handles);
  }

  /**
   * Starts a cluster of one broker.
   *
   * @return the running cluster
   * @throws KafkaStartException if it does not start; the message names the log file
   */
  public static KafkaCluster start() {
    return builder().start();
  }

  /**
   * Builds a cluster with more brokers or other settings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** The addresses of all brokers, including those that are not running. */
  @Override
  public String bootstrapServers() {
    return nodes.stream().map(Node::address).collect(Collectors.joining(","));
  }

  @Override
  public void createTopic(String name, int partitions, Map<String, String> configs) {
    topics.createTopic(name, partitions, configs);
  }

  /**
   * The brokers, by id.
   *
   * @return all brokers, including those that are not running; unmodifiable
   */
  public List<Broker> brokers() {
    return brokers;
  }

  /**
   * One broker.
   *
   * @param id its {@code node.id}, starting at 1, as in {@code Node.id()} of Kafka's clients
   * @return the broker
   * @throws IllegalArgumentException if no broker has that id
   */
  public Broker broker(int id) {
    if (id < 1 || id > brokers.size()) {
      throw new IllegalArgumentException(
          "The cluster has brokers 1 to " + brokers.size() + ", not " + id);
    }
    return brokers.get(id - 1);
  }

  /**
   * The broker that coordinates the transactions of a transactional id, according to the cluster's
   * current metadata. After it dies or hangs, another one takes over within seconds. Waits at most
   * 30 seconds until there is one.
   *
   * @param transactionalId a producer's {@code transactional.id}, in use or not
   * @return the broker, which may be dead or paused
   */
  public Broker transactionCoordinator(String transactionalId) {
    return broker(Coordinators.ofTransactions(bootstrapServers(), transactionalId));
  }

  /**
   * The broker that coordinates a consumer group, according to the cluster's current metadata.
   * After it dies or hangs, another one takes over within seconds. Waits at most 30 seconds until
   * there is one.
   *
   * @param group the group's {@code group.id}, in use or not
   * @return the broker, which may be dead or paused
   */
  public Broker groupCoordinator(String group) {
    return broker(Coordinators.ofGroup(bootstrapServers(), group));
  }

  /**
   * Kills all brokers and removes their data. The logs are removed too, unless a broker failed to
   * start, or exited without a test killing or stopping it. Further calls do nothing.
   */
  @Override
  public void close() {
    if (closeNow()) {
      try {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
      } catch (IllegalStateException shuttingDown) {
        LOG.trace("The JVM is shutting down", shuttingDown);
      }
    }
  }

  private boolean closeNow() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    topics.close();
    for (Broker broker : brokers) {
      if (broker.close()) {
        keepLogs = true;
        LOG.warn("{} exited by itself or did not start; its log: {}", broker, broker.log());
      }
    }
    for (Node node : nodes) {
      Ports.giveBack(node.port());
      Ports.giveBack(node.controllerPort());
      if (keepLogs) {
        Directories.delete(directory.resolve("broker-" + node.id()));
      }
    }
    if (!keepLogs) {
      Directories.delete(directory);
    }
    return true;
  }

  @Override
  public String toString() {
    return "KafkaCluster[" + bootstrapServers() + "]";
  }

  /** Builds a {@link KafkaCluster}. Not thread-safe. */
  public static final class Builder {

    private final Map<String, String> properties = new LinkedHashMap<>();
    private int size = 1;

    private Builder() {}

    /**
     * The number of brokers. The cluster survives the loss of fewer than half of them.
     *
     * @param count 1, the default, to 9
     * @return this
     */
    public Builder brokers(int count) {
      if (count < 1 || count > 9) {
        throw new IllegalArgumentException(
            "The number of brokers must be 1 to 9, not" + " " + count + ".");
      }
      this.size = count;
      return this;
    }

    /**
     * Sets a property of every broker; it takes precedence over the testkit's own settings.
     *
     * @param name such as {@code broker.session.timeout.ms}, which determines how soon the cluster
     *     notices that a broker was killed
     * @param value its value, as text
     * @return this
     */
    public Builder property(String name, String value) {
      properties.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
      return this;
    }

    /**
     * Starts the brokers. Returns when all of them are ready and a topic can be created, within
     * three minutes. The limit allows for machines that run many other tests; on an idle machine,
     * the start takes seconds.
     *
     * @return the running cluster
     * @throws KafkaStartException if a broker does not start; the message names its log file, which
     *     is kept
     */
    public KafkaCluster start() {
      for (int attempt = 1; ; attempt++) {
        List<Node> nodes = new ArrayList<>();
        for (int id = 1; id <= size; id++) {
          nodes.add(new Node(id, Ports.free(), Ports.free()));
        }
        KafkaCluster cluster =
            new KafkaCluster(Directories.temporary(), List.copyOf(nodes), properties);
        Runtime.getRuntime().addShutdownHook(cluster.shutdownHook);
        try {
          cluster.brokers.forEach(Broker::launch);
          cluster.brokers.forEach(Broker::awaitReady);
          return cluster;
        } catch (PortInUseException e) {
          cluster.close();
          if (attempt == START_ATTEMPTS) {
            throw e;
          }
          LOG.debug("Another process took a port of {}; trying others", cluster, e);
        } catch (RuntimeException | Error e) {
          cluster.keepLogs = true;
          cluster.close();
          throw e;
        }
      }
    }
  }
}
