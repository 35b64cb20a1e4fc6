package io.hermes.subscribe;

import io.hermes.EventHeaders;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.Words;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines in the log about records that failed: one for each, with where it is and what the
 * handler threw, never with what is in the event. Of many in a short time ten are written, and how
 * many were not. Safe for any thread.
 */
final class FailureLog {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final String group;
  private final LogLimit deadLetters;
  private final LogLimit skips;
  private final LogLimit retries;

  FailureLog(String group, Timer timer) {
    this.group = group;
    this.deadLetters =
        new LogLimit(
            timer,
            more -> LOG.warn("Group {}: {} more dead letters, not logged one by one", group, more));
    this.skips =
        new LogLimit(
            timer,
            more ->
                LOG.warn("Group {}: {} more records skipped, not logged one by one", group, more));
    this.retries =
        new LogLimit(
            timer,
            more -> LOG.info("Group {}: {} more retries, not logged one by one", group, more));
  }

  /** A record is in the dead letter topic. */
  void deadLettered(WorkItem item, String why) {
    if (deadLetters.admits()) {
      LOG.warn(
          "Group {}: {} ({}) is now in {} after {}: {}",
          group,
          item,
          type(item),
          DeadLetterHeaders.topicOf(item.record.topic()),
          attempts(item),
          why);
    }
  }

  /** A record is acked although it failed. */
  void skipped(WorkItem item, Throwable failure) {
    if (skips.admits()) {
      LOG.warn(
          "Group {}: {} ({}) is skipped, as the error policy says, after {}: {}",
          group,
          item,
          type(item),
          attempts(item),
          Thrown.describe(failure));
    }
  }

  /** A record waits for its next attempt, and with it those after it that have its key. */
  void retried(WorkItem item, Throwable failure, Duration wait) {
    if (retries.admits()) {
      LOG.info(
          "Group {}: {} ({}) failed in attempt {} and is retried in {} ms: {}",
          group,
          item,
          type(item),
          item.failures,
          wait.toMillis(),
          Thrown.describe(failure));
    }
    Thrown.log(
        "Group " + group, () -> LOG.debug("{} failed in attempt {}", item, item.failures, failure));
  }

  private static String attempts(WorkItem item) {
    return Words.count(Math.max(1, item.failures), "attempt");
  }

  /** By the record's header, which anybody may have written. */
  private static String type(WorkItem item) {
    String type = EventHeaders.text(item.record.headers(), EventHeaders.MESSAGE_TYPE);
    return type == null ? "no message-type" : Thrown.oneLine(type);
  }

  /** Says how many lines were not written; at the end. */
  void close() {
    deadLetters.report();
    skips.report();
    retries.report();
  }
}
