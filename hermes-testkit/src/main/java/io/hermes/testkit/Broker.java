package io.hermes.testkit;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * One broker of a {@link KafkaCluster}, in a separate JVM, and the faults that a test can inject.
 * It keeps its port and data across restarts.
 *
 * <p>Safe for any thread. Only one operation runs at a time, except that a broker can be killed
 * while another thread waits for it to start.
 */
public final class Broker {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
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
  private boolean startFailed;

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
   * The port for clients, on 127.0.0.1.
   *
   * @return a TCP port, the same after a restart
   */
  public int port() {
    return port;
  }

  /**
   * The log file of the broker and its JVM.
   *
   * @return a file that every run appends to
   */
  public Path log() {
    return log;
  }

  /**
   * Whether the broker's process is running. A paused broker counts as running.
   *
   * @return false after it was killed or stopped, or exited on its own
   */
  public synchronized boolean isAlive() {
    return child != null && child.isAlive();
  }

  /**
   * The broker's process.
   *
   * @return its process id
   * @throws IllegalStateException if it is not running
   */
  public synchronized long pid() {
    return running().pid();
  }

  /**
   * Kills the broker with SIGKILL, without notifying the cluster or clients, and waits until the
   * process is gone. Works on a paused broker, too.
   *
   * @throws IllegalStateException if it is not running
   */
  public synchronized void kill() {
    ChildJvm running = running();
    endedByTest = true;
    running.kill();
  }

  /**
   * Stops the broker with SIGTERM, so that it hands over leadership and flushes, and waits until
   * the process is gone. After 30 seconds it is killed.
   *
   * @throws IllegalStateException if it is not running, or is paused and so cannot react
   */
  public synchronized void stop() {
    ChildJvm running = running();
    if (running.isPaused()) {
      throw new IllegalStateException("Broker " + id + " is paused. Resume or kill it.");
    }
    endedByTest = true;
    running.terminate(STOP_TIMEOUT);
  }

  /**
   * Suspends the broker with SIGSTOP: its connections stay open but get no responses. Requires
   * Unix.
   *
   * @throws IllegalStateException if it is not running or is already paused
   */
  public synchronized void pause() {
    ChildJvm running = running();
    if (running.isPaused()) {
      throw new IllegalStateException("Broker " + id + " is already paused.");
    }
    running.pause();
  }

  /**
   * Resumes a paused broker with SIGCONT.
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
   * Restarts the broker after {@link #kill()} or {@link #stop()}, on the same port with the same
   * data, and waits up to three minutes until the cluster has admitted it. That needs a majority of
   * the cluster's brokers: if fewer are alive, start them concurrently from several threads.
   *
   * @throws IllegalStateException if it is running, or the cluster is closed
   * @throws KafkaStartException if it does not start; the message names the log file
   */
  public void start() {
    launch();
    awaitReady();
  }

  /** Starts the process without waiting. */
  synchronized void launch() {
    if (child != null && child.isAlive()) {
      throw new IllegalStateException("Broker " + id + " is already running.");
    }
    if (closed) {
      throw new IllegalStateException("The cluster is closed.");
    }
    endedByTest = false;
    child = ChildJvm.launch(propertiesFile, clusterId, ready, log);
  }

  /** Waits, without holding the lock, until the launched process is ready. */
  void awaitReady() {
    awaitReady(START_TIMEOUT);
  }

  void awaitReady(Duration longest) {
    ChildJvm starting = launched();
    long deadlineNs = System.nanoTime() + longest.toNanos();
    while (!starting.isReady()) {
      if (starting.endedByBindFailure()) {
        throw new PortInUseException(port, null);
      }
      String problem =
          !starting.isAlive()
              ? "exited during startup"
              : System.nanoTime() - deadlineNs > 0
                  ? "was not ready within " + longest.toSeconds() + " s"
                  : null;
      if (problem != null) {
        throw notStarted(starting, problem);
      }
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        throw new InterruptException(e); // restores the thread's interrupt flag
      }
    }
  }

  /** Keeps the log file and, if the process hangs, adds a thread dump to it. */
  private synchronized KafkaStartException notStarted(ChildJvm starting, String problem) {
    startFailed = !endedByTest;
    starting.dumpThreads();
    return new KafkaStartException("Broker " + id + " " + problem + "; its log: " + log, null);
  }

  /**
   * Ends the process permanently. Returns whether it exited on its own or failed to start, in which
   * case its log is worth keeping.
   */
  synchronized boolean close() {
    closed = true;
    boolean failed = startFailed || (!endedByTest && child != null && !child.isAlive());
    if (child != null) {
      child.kill();
    }
    return failed;
  }

  private synchronized ChildJvm launched() {
    if (child == null) {
      throw new IllegalStateException("Broker " + id + " was never started.");
    }
    return child;
  }

  private ChildJvm running() {
    if (child == null || !child.isAlive()) {
      throw new IllegalStateException("Broker " + id + " is not running; its log: " + log);
    }
    return child;
  }

  @Override
  public String toString() {
    return "Broker[id=" + id + ", port=" + port + "]";
  }
}
