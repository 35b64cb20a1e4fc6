package io.hermes.kafka;

import io.hermes.AccessException;
import io.hermes.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Detects that no broker responds. Kafka's clients wait for brokers without reporting it, and an
 * idle client sends no requests that could fail. So this class watches the bytes that the client
 * has received, and queries the brokers if none arrive for a while. One thread runs the checks; any
 * thread may read the result.
 */
public final class BrokerWatch {

  private static final String FAULT = "brokers";
  private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Supplier<Map<MetricName, ? extends Metric>> metrics;
  private final Supplier<CompletableFuture<List<String>>> question;
  private final Faults faults;
  private final String where;
  private final long quietNs;

  private volatile long heardNs = System.nanoTime(); // written by the checking thread

  // Checking thread only.
  private List<String> brokers;
  private Instant heardAt = Instant.now();
  private double received;
  private long checkedNs = System.nanoTime();
  private long askedNs = System.nanoTime();
  private @Nullable CompletableFuture<List<String>> answer;

  /**
   * Watches a client that has just received a response from a broker.
   *
   * @param metrics the client's metrics
   * @param question queries the brokers' addresses; completes within seconds
   * @param where the bootstrap servers, reported until the brokers' own addresses are known
   * @param quiet after how long without any received bytes the query is sent
   */
  public BrokerWatch(
      Supplier<Map<MetricName, ? extends Metric>> metrics,
      Supplier<CompletableFuture<List<String>>> question,
      Faults faults,
      String where,
      Duration quiet) {
    this.metrics = metrics;
    this.question = question;
    this.faults = faults;
    this.where = where;
    this.brokers = List.of(where.split(","));
    this.quietNs = quiet.toNanos();
  }

  /** Runs a check if one is due; call it regularly. Blocks only while the query does. */
  public void check(long nowNs) {
    if (nowNs - checkedNs < INTERVAL_NS) {
      return;
    }
    checkedNs = nowNs;
    double before = received;
    received = bytesReceived();
    if (received != before) {
      heard(nowNs);
    }
    CompletableFuture<List<String>> asked = answer;
    if (asked != null && asked.isDone()) {
      answer = null;
      takeAnswer(asked);
    }
    if (answer == null && nowNs - heardNs > quietNs && nowNs - askedNs > quietNs) {
      askedNs = nowNs;
      answer = question.get();
    }
  }

  private void takeAnswer(CompletableFuture<List<String>> asked) {
    long nowNs = System.nanoTime();
    Throwable failure = asked.handle((addresses, thrown) -> thrown).join();
    if (failure == null) {
      brokers = asked.join();
      heard(nowNs);
    } else if (heardNs - askedNs < 0) {
      faults.begin(FAULT, fault(failure), failure);
    }
  }

  private Fault fault(Throwable failure) {
    Fault fault =
        KafkaFailures.translate(failure, where, null) instanceof AccessException refused
            ? Fault.of(
                Fault.Kind.ACCESS,
                "The brokers refuse this client",
                refused,
                "Hermes retries until they accept it.")
            : Fault.of(
                Fault.Kind.BROKERS,
                "No broker responds; tried " + String.join(", ", brokers) + ".",
                "Check that they are running and that this host can reach them; Hermes"
                    + " resumes by itself.");
    return fault.ofBrokers(brokers).since(heardAt);
  }

  /** Records that a broker responded to the caller. Checking thread only. */
  public void heard(long nowNs) {
    heardNs = nowNs;
    heardAt = Instant.now();
    faults.end(FAULT);
  }

  /** Whether no broker responds. */
  public boolean isSilent() {
    return faults.has(FAULT);
  }

  /** How long ago a broker last responded. Any thread. */
  public Duration sinceResponse() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - heardNs));
  }

  private double bytesReceived() {
    for (Map.Entry<MetricName, ? extends Metric> metric : metrics.get().entrySet()) {
      MetricName name = metric.getKey();
      if (name.name().equals("incoming-byte-total")
          && !name.tags().containsKey("node-id")
          && metric.getValue().metricValue() instanceof Double bytes) {
        return bytes;
      }
    }
    return 0;
  }
}
