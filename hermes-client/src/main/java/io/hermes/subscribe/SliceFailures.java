package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.Words;
import java.time.Duration;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts how a pipe's transactions end, reports failures in the log and in health, and decides how
 * long the next attempt waits. Poll thread only.
 */
final class SliceFailures {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final String FAULT = "commit";
  private static final String REFUSED =
      "The event that produced this output goes to the error policy; the others are redelivered.";
  private static final int MOST_DOUBLINGS = 6;

  private final Group group;
  private final Faults faults;
  private final Duration pause;
  private final Counters counters;
  private int inARow;
  private long retryAtNs = System.nanoTime();

  /**
   * Starts without failures.
   *
   * @param pause how long to wait after the first failure in a row
   */
  SliceFailures(Group group, Faults faults, Duration pause, Counters counters) {
    this.group = group;
    this.faults = faults;
    this.pause = pause;
    this.counters = counters;
  }

  /** The time until the next attempt. */
  long retryInNs(long nowNs) {
    return Math.max(0, retryAtNs - nowNs);
  }

  /**
   * A transaction is void. The next one waits for a back-off, unless it is expected to succeed: the
   * group has rebalanced, or a refused output will not be emitted again.
   */
  void aborted(int records, Throwable cause, Failure failure) {
    counters.aborts.increment();
    if (cause instanceof CommitFailedException || cause instanceof RebalanceInProgressException) {
      LOG.info(
          "Group {}: the group has assigned partitions to other members, so a transaction with {}"
              + " was aborted; its records are redelivered",
          group.name(),
          Words.count(records, "record"));
      return;
    }
    LOG.info(
        "Group {}: a transaction with {} was aborted; its records are redelivered: {}",
        group.name(),
        Words.count(records, "record"),
        Thrown.describe(cause));
    if (failure.action() == Action.REFUSE) {
      report("A transaction was aborted", failure.reason(), REFUSED);
    } else {
      failed("A transaction was aborted", failure.reason());
    }
  }

  /** The next attempt waits, longer with each failure in a row. */
  void failed(String what, HermesException cause) {
    retryAtNs = System.nanoTime() + (pause.toNanos() << Math.min(inARow++, MOST_DOUBLINGS));
    report(what, cause, Faults.RETRIES);
  }

  private void report(String what, HermesException cause, String next) {
    Fault fault = Fault.of(Fault.Kind.COMMIT, what + " in group " + group.name(), cause, next);
    faults.begin(FAULT, fault.ofGroup(group.name()), cause);
  }

  void succeeded() {
    counters.commits.increment();
    inARow = 0;
    end();
  }

  /** The problem is over, or belongs to another member now. */
  void end() {
    faults.end(FAULT);
  }
}
