package io.hermes.jdbc;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.Faults;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fault that a relay's threads report about the database. An outage hits the threads of all
 * shards, each with a slightly different message. It is reported as one fault, and each problem is
 * logged once. Thread-safe.
 */
final class DatabaseFault {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");
  private static final String PLACE = "database";
  private static final Pattern NUMBER = Pattern.compile("\\d+"); // durations and ids
  private static final int MOST_PROBLEMS = 8;

  private final Faults faults;
  private final Set<Integer> failing = new HashSet<>(); // shards; under this
  private final Set<String> reported = new HashSet<>(); // since it began; under this
  private boolean keepsLease; // under this

  DatabaseFault(Faults faults) {
    this.faults = faults;
  }

  /** Records that a step of a shard has failed. */
  synchronized void begin(int shard, HermesException cause) {
    failing.add(shard);
    String problem = cause.problem();
    if (reported.size() < MOST_PROBLEMS && reported.add(NUMBER.matcher(problem).replaceAll("0"))) {
      faults.begin(
          PLACE,
          Fault.of(
              Fault.Kind.DATABASE,
              problem,
              cause.advice().orElse("Check the database.") + " The relay retries every second."),
          cause);
    }
  }

  /** Records that a step of a shard has succeeded. */
  synchronized void end(int shard) {
    if (failing.remove(shard) && failing.isEmpty()) {
      reported.clear();
      faults.end(PLACE);
    }
  }

  /** Logs that the relay has closed while a shard still holds its lease. */
  synchronized void endWithLease(HermesException cause) {
    if (!keepsLease) {
      keepsLease = true;
      LOG.warn("{}: {} It expires on its own.", faults.owner(), cause.getMessage());
    }
  }
}
