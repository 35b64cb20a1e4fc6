package io.hermes.testkit;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * One broker of a {@link KafkaCluster}, in a JVM of its own, and the faults that a test can bring
 * upon it. It is the same broker with the same port and data however often it ends and starts.
 *
 * <p>Safe for any thread; one operation at a time, except that a broker can be killed while another
 * thread waits for its start.
 */
public final class Broker {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final long POLL_MS = 10;

  private final int id;
  private final int port;
  private final String clusterId;
  private final Path propertiesFile;
  private final Path ready;
  private final Path log;

  // All guarded by this.
  private @Nullable ChildJvm child;
  private boolean closed;
  private boolean endedByTest = true;

  Broker(BrokerProperties.Node node, String clusterId, Path directory, Path log) {
    this.id = node.id();
    this.port = node.port();
    this.clusterId = clusterId;
    this.propertiesFile = directory.resolve("server.properties");
    this.ready = directory.resolve("ready");
    this.log = log;
  }

  /**
   * The broker's {@code node.id}.
   *
   * @return 1 for the first one
   */
  public int id() {
    return id;
  }

  /**
   * Where clients connect, on 127.0.0.1.
   *
   * @return a TCP port, the same after a restart
   */
  public int port() {
    return port;
  }

  /**
   * Where the broker and its JVM log.
   *
   * @return a file, appended to by every run
   */
  public Path log() {
    return log;
  }

  /**
   * Whether the broker's process runs; a paused one does.
   *
   * @return false once it was killed or stopped, or ended by itself
   */
  public synchronized boolean isAlive() {
    return child != null && child.isAlive();
  }

  /**
   * The broker's process.
   *
   * @return its process id
   * @throws IllegalStateException if it does not run
   */
  public synchronized long pid() {
    return running().pid();
  }

  /**
   * Ends the broker with SIGKILL, without any notice to the cluster or to clients, and waits until
   * the process is gone. A paused broker can be killed too.
   *
   * @throws IllegalStateException if it does not run
   */
  public synchronized void kill() {
    ChildJvm running = running();
    endedByTest = true;
    running.kill();
  }

  /**
   * Ends the broker with SIGTERM, so that it hands over leadership and flushes, and waits until the
   * process is gone. After 30 seconds it is killed.
   *
   * @throws IllegalStateException if it does not run, or is paused and could not obey
   */
  public synchronized void stop() {
    ChildJvm running = running();
    if (running.isPaused()) {
      throw new IllegalStateException("Broker " + id + " is paused: resume or kill it.");
    }
    endedByTest = true;
    running.terminate(STOP_TIMEOUT);
  }

  /**
   * Suspends the broker with SIGSTOP: its connections stay open and nothing answers. Needs a Unix.
   *
   * @throws IllegalStateException if it does not run or is paused already
   */
  public synchronized void pause() {
    ChildJvm running = running();
    if (running.isPaused()) {
      throw new IllegalStateException("Broker " + id + " is paused already.");
    }
    running.pause();
  }

  /**
   * Lets a paused broker go on, with SIGCONT.
   *
   * @throws IllegalStateException if it is not paused
   */
  public synchronized void resume() {
    ChildJvm running = running();
    if (!running.isPaused()) {
      throw new IllegalStateException("Broker " + id + " is not paused.");
    }
    running.resume();
  }

  /**
   * Starts the broker again after {@link #kill()} or {@link #stop()}, on the same port with the
   * same data, and waits until the cluster has admitted it, at most one minute. That needs a
   * majority of the cluster's brokers: with fewer alive, start them at the same time from several
   * threads.
   *
   * @throws IllegalStateException if it runs, or the cluster is closed
   * @throws KafkaStartException if it does not start; names the log file
   */
  public void start() {
    launch();
    awaitReady();
  }

  /** Starts the process without waiting. */
  synchronized void launch() {
    if (child != null && child.isAlive()) {
      throw new IllegalStateException("Broker " + id + " runs already.");
    }
    if (closed) {
      throw new IllegalStateException("The cluster is closed.");
    }
    endedByTest = false;
    child = ChildJvm.launch(propertiesFile, clusterId, ready, log);
  }

  /** Waits, without the lock, until the process that was launched is ready. */
  void awaitReady() {
    ChildJvm starting = launched();
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!starting.isReady()) {
      if (starting.endedByBindFailure()) {
        throw new PortInUseException(port, null);
      }
      String problem =
          !starting.isAlive()
              ? "ended while it started"
              : System.nanoTime() - deadlineNs > 0
                  ? "was not ready within " + START_TIMEOUT.toSeconds() + " s"
                  : null;
      if (problem != null) {
        throw new KafkaStartException("Broker " + id + " " + problem + "; its log: " + log, null);
      }
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        throw new InterruptException(e); // sets the thread's flag again
      }
    }
  }

  /** Ends the process for good. Returns whether it had ended by itself, which no test asked for. */
  synchronized boolean close() {
    closed = true;
    boolean endedByItself = !endedByTest && child != null && !child.isAlive();
    if (child != null) {
      child.kill();
    }
    return endedByItself;
  }

  private synchronized ChildJvm launched() {
    if (child == null) {
      throw new IllegalStateException("Broker " + id + " was never started.");
    }
    return child;
  }

  private ChildJvm running() {
    if (child == null || !child.isAlive()) {
      throw new IllegalStateException("Broker " + id + " does not run; its log: " + log);
    }
    return child;
  }

  @Override
  public String toString() {
    return "Broker[id=" + id + ", port=" + port + "]";
  }
}
