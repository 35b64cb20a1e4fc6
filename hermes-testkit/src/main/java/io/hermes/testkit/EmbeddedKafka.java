package io.hermes.testkit;

import io.hermes.testkit.BrokerProperties.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker in this JVM that is also a KRaft controller, on 127.0.0.1.
 *
 * <pre>{@code
 * try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
 *   kafka.createTopic("orders", 3);
 *   // clients with bootstrap.servers = kafka.bootstrapServers()
 * }
 * }</pre>
 *
 * <p>The first start in a JVM takes two to three seconds, later ones well under one. To kill or
 * pause brokers, use {@link KafkaCluster}. The broker logs through slf4j, so the logging backend,
 * if any, decides what is shown. By default, a broker that encounters a fatal fault exits the JVM;
 * the first start changes that, for this whole JVM, to an error in the log.
 *
 * <p>Safe for any thread.
 */
public final class EmbeddedKafka implements Kafka, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final int START_ATTEMPTS = 5;
  private static final long CLOSE_TIMEOUT_MS = 30_000;
  private static final long CLOSE_FAILED_MS = 1_000;

  private final Node node;
  private final KraftServer server;
  private final Runnable givePortsBack;
  private final @Nullable Path temporary;
  private final int faultsBefore = SurviveFaults.count();
  private final TestTopics topics = new TestTopics(this::bootstrapServers);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread shutdownHook = new Thread(this::closeNow, "hermes-kafka-shutdown");

  private EmbeddedKafka(
      Node node, KraftServer server, Runnable givePortsBack, @Nullable Path temporary) {
    this.node = node;
    this.server = server;
    this.givePortsBack = givePortsBack;
    this.temporary = temporary;
  }

  /**
   * Starts a broker on a free port, with its data in a temporary directory that {@link #close()}
   * removes. Returns when a topic can be created.
   *
   * @return the running broker
   * @throws KafkaStartException if it does not start
   */
  public static EmbeddedKafka start() {
    return builder().start();
  }

  /**
   * Builds a broker with a fixed port, persistent data or other settings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A port for {@link Builder#port}, for a broker that starts after its clients, or restarts. No
   * other test JVM of this user gets it until this one ends. It is below the ephemeral port range:
   * while the broker is down, a client connecting to an ephemeral port may get that same port as
   * its local port, and connect to itself.
   *
   * @return a free TCP port on 127.0.0.1
   */
  public static int freePort() {
    return Ports.free();
  }

  @Override
  public String bootstrapServers() {
    return node.address();
  }

  @Override
  public void createTopic(String name, int partitions, Map<String, String> configs) {
    topics.createTopic(name, partitions, configs);
  }

  /**
   * Whether the broker works. Kafka shuts down a broker that can no longer write its data, for
   * example because the disk is full. If several brokers run in this JVM, Kafka does not report
   * which one failed, so all of them count as failed.
   *
   * @return false after such a fault, and after {@link #close()}
   */
  public boolean isAlive() {
    return !closed.get() && SurviveFaults.count() == faultsBefore;
  }

  /**
   * Shuts the broker down and removes its temporary directory. Takes at most half a minute even if
   * the broker hangs (which is logged), and at most one second for a failed broker. Further calls
   * do nothing.
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
    long timeoutMs = isAlive() ? CLOSE_TIMEOUT_MS : CLOSE_FAILED_MS;
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    topics.close();
    Thread shutdown = new Thread(server::shutdown, "hermes-kafka-close");
    shutdown.setDaemon(true);
    shutdown.start();
    boolean interrupted = joinUninterruptibly(shutdown, timeoutMs);
    if (shutdown.isAlive()) {
      LOG.warn("The broker on port {} did not shut down within {} ms.", node.port(), timeoutMs);
    }
    givePortsBack.run();
    if (temporary != null) {
      Directories.delete(temporary);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private static boolean joinUninterruptibly(Thread thread, long timeoutMs) {
    long deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
    boolean interrupted = false;
    while (true) {
      try {
        thread.join(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  @Override
  public String toString() {
    return "EmbeddedKafka[" + bootstrapServers() + "]";
  }

  /** Builds an {@link EmbeddedKafka}. Not thread-safe. */
  public static final class Builder {

    private final Map<String, String> properties = new LinkedHashMap<>();
    private int port;
    private @Nullable Path dataDir;
    private boolean closesWithJvm = true;

    private Builder() {}

    /**
     * The port for clients.
     *
     * @param port a TCP port, or 0, the default, for any free port
     * @return this
     */
    public Builder port(int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("The port must be 0 to 65535, not " + port + ".");
      }
      this.port = port;
      return this;
    }

    /**
     * The data directory. The data always stays there when the broker ends, and a broker that is
     * started with the same directory uses it again.
     *
     * @param directory a directory with the data of an earlier broker, or an empty or missing one
     * @return this
     */
    public Builder dataDir(Path directory) {
      this.dataDir = Objects.requireNonNull(directory);
      return this;
    }

    /**
     * Sets a property of Kafka's broker; it takes precedence over the testkit's own settings.
     *
     * @param name such as {@code message.max.bytes}
     * @param value its value, as text
     * @return this
     */
    public Builder property(String name, String value) {
      properties.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
      return this;
    }

    /**
     * Keeps the broker running during the JVM's shutdown hooks, for clients that a hook closes. The
     * caller then closes the broker after those clients. By default, its own shutdown hook closes
     * it, at the same time as the JVM runs the other hooks.
     *
     * @return this
     */
    public Builder withoutShutdownHook() {
      this.closesWithJvm = false;
      return this;
    }

    /**
     * Starts the broker. Returns when a topic can be created.
     *
     * @return the running broker
     * @throws PortInUseException if the requested port is in use
     * @throws KafkaStartException if it does not start
     */
    public EmbeddedKafka start() {
      SurviveFaults.install();
      Path keptOrNew = dataDir == null ? Directories.temporary() : dataDir;
      @Nullable Path temporary = dataDir == null ? keptOrNew : null;
      try {
        check(keptOrNew);
        EmbeddedKafka kafka = start(keptOrNew, temporary);
        if (closesWithJvm) {
          Runtime.getRuntime().addShutdownHook(kafka.shutdownHook);
        }
        return kafka;
      } catch (RuntimeException | Error e) {
        if (temporary != null) {
          Directories.delete(temporary);
        }
        throw e;
      }
    }

    private static void check(Path directory) {
      Directories.create(directory);
      if (!Files.exists(directory.resolve("meta.properties")) && !Directories.isUnused(directory)) {
        throw new KafkaStartException(
            directory + " contains files that are not Kafka's. Choose an empty directory.", null);
      }
    }

    private EmbeddedKafka start(Path dataDirectory, @Nullable Path temporary) {
      for (int attempt = 1; ; attempt++) {
        if (port != 0 && !Ports.isFree(port)) {
          throw new PortInUseException(port, null);
        }
        Node node = new Node(1, port == 0 ? Ports.free() : port, Ports.free());
        Runnable givePortsBack = () -> giveBack(node);
        try {
          return new EmbeddedKafka(node, start(node, dataDirectory), givePortsBack, temporary);
        } catch (RuntimeException | Error e) {
          givePortsBack.run();
          if (!Ports.isBindFailure(e) || attempt == START_ATTEMPTS) {
            throw KafkaStartException.of(e);
          }
          LOG.debug("Another process took a port of {}; trying others", node, e);
        }
      }
    }

    /** A port set with {@code port(int)} stays allocated to the caller. */
    private void giveBack(Node node) {
      if (port == 0) {
        Ports.giveBack(node.port());
      }
      Ports.giveBack(node.controllerPort());
    }

    private KraftServer start(Node node, Path dataDirectory) {
      Path files = Directories.temporary();
      try {
        Path file = files.resolve("server.properties");
        KraftServer.write(
            BrokerProperties.of(node, List.of(node), dataDirectory, properties), file);
        return KraftServer.start(file, Uuid.randomUuid().toString());
      } finally {
        Directories.delete(files);
      }
    }
  }

  /** Keeps a broker that encounters a fatal fault from exiting the JVM of the tests. */
  private static final class SurviveFaults {

    private static final AtomicBoolean INSTALLED = new AtomicBoolean();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private SurviveFaults() {}

    static void install() {
      if (INSTALLED.compareAndSet(false, true)) {
        Exit.setExitProcedure(SurviveFaults::refuse);
        Exit.setHaltProcedure(SurviveFaults::refuse);
      }
    }

    static int count() {
      return COUNT.get();
    }

    private static void refuse(int status, @Nullable String message) {
      String text =
          "A broker in this JVM failed and tried to exit the JVM, status "
              + status
              + (message == null ? "." : ": " + message);
      LOG.error("{}", text);
      COUNT.incrementAndGet();
      throw new KafkaStartException(text, null);
    }
  }
}
