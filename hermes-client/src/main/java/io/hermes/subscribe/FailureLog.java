package io.hermes.subscribe;

import io.hermes.EventHeaders;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.Words;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failed records: one line each, with the record's position and what the handler threw, never
 * the content of the event. In a burst, logs ten lines and then the number of suppressed ones.
 * Thread-safe.
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
            more ->
                LOG.warn("Group {}: {} more dead letters, not logged individually", group, more));
    this.skips =
        new LogLimit(
            timer,
            more ->
                LOG.warn(
                    "Group {}: {} more records skipped, not logged individually", group, more));
    this.retries =
        new LogLimit(
            timer,
            more -> LOG.info("Group {}: {} more retries, not logged individually", group, more));
  }

  /** A record was written to the dead-letter topic. */
  void deadLettered(WorkItem item, String why) {
    if (deadLetters.admits()) {
      LOG.warn(
          "Group {}: {} ({}) was written to {} after {}: {}",
          group,
          item,
          type(item),
          DeadLetterHeaders.topicOf(item.record.topic()),
          attempts(item),
          why);
    }
  }

  /** A record failed and was acked. */
  void skipped(WorkItem item, Throwable failure) {
    if (skips.admits()) {
      LOG.warn(
          "Group {}: {} ({}) was skipped by the error policy after {}: {}",
          group,
          item,
          type(item),
          attempts(item),
          Thrown.describe(failure));
    }
  }

  /** A record waits for its next attempt, and so do later records of its key. */
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

  /** The type from the record's header, which is untrusted. */
  private static String type(WorkItem item) {
    String type = EventHeaders.text(item.record.headers(), EventHeaders.MESSAGE_TYPE);
    return type == null ? "no message-type" : Thrown.oneLine(type);
  }

  /** At the end: logs how many lines were suppressed. */
  void close() {
    deadLetters.report();
    skips.report();
    retries.report();
  }
}
