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
 * What a relay's threads report about the database. An outage reaches the threads of all shards,
 * each with a slightly different message: it is one fault, and each problem is logged once. Safe
 * for any thread.
 */
final class DatabaseFault {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");
  private static final String PLACE = "database";
  private static final Pattern NUMBER = Pattern.compile("\\d+"); // of a wait or a connection
  private static final int MOST_PROBLEMS = 8;

  private final Faults faults;
  private final Set<Integer> failing = new HashSet<>(); // shards; under this
  private final Set<String> reported = new HashSet<>(); // since it began; under this
  private boolean keepsLease; // under this

  DatabaseFault(Faults faults) {
    this.faults = faults;
  }

  /** A step of a shard has failed. */
  synchronized void begin(int shard, HermesException cause) {
    failing.add(shard);
    String problem = cause.problem();
    if (reported.size() < MOST_PROBLEMS && reported.add(NUMBER.matcher(problem).replaceAll("0"))) {
      faults.begin(
          PLACE,
          Fault.of(
              Fault.Kind.DATABASE,
              problem,
              cause.advice().orElse("Check the database.")
                  + " The relay tries again every second."),
          cause);
    }
  }

  /** A step of a shard has succeeded. */
  synchronized void end(int shard) {
    if (failing.remove(shard) && failing.isEmpty()) {
      reported.clear();
      faults.end(PLACE);
    }
  }

  /** The relay has closed, and a shard keeps its lease. */
  synchronized void endWithLease(HermesException cause) {
    if (!keepsLease) {
      keepsLease = true;
      LOG.warn("{}: {} It expires by itself.", faults.owner(), cause.getMessage());
    }
  }
}
