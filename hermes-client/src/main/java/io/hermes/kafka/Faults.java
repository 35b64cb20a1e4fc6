package io.hermes.kafka;

import io.hermes.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The current faults of a publisher or a subscriber. Each is logged when it begins, changes and
 * ends, not each time it is reported. Safe for any thread.
 */
public final class Faults {

  /** What Hermes does about a fault that ends by itself; the last sentence of its advice. */
  public static final String RETRIES = "Hermes retries until it succeeds.";

  private final ConcurrentMap<String, Fault> faults = new ConcurrentHashMap<>();
  private final String owner;
  private final Logger log;

  /**
   * Starts without faults.
   *
   * @param owner the publisher or subscriber, logged at the start of each line
   * @param log the logger to use
   */
  public Faults(String owner, Logger log) {
    this.owner = owner;
    this.log = log;
  }

  /**
   * Reports a fault, which may already be known. Its start time stays the same until it ends.
   *
   * @param place what fails; each place has at most one fault
   * @param seen the current fault
   * @param cause logged at DEBUG
   */
  public void begin(String place, Fault seen, @Nullable Throwable cause) {
    Fault before = faults.get(place);
    if (before != null && before.kind() == seen.kind()) {
      if (before.problem().equals(seen.problem())) {
        return;
      }
      faults.put(place, seen.since(before.since()));
    } else {
      faults.put(place, seen);
    }
    log.warn("{}: {} {}", owner, seen.problem(), seen.advice());
    Thrown.log(owner, () -> log.debug("The cause", cause));
  }

  /** The publisher or subscriber, logged at the start of each line. */
  public String owner() {
    return owner;
  }

  /** Ends the fault of a place, because it works again or no longer exists. */
  public void end(String place) {
    if (faults.isEmpty()) {
      return;
    }
    Fault over = faults.remove(place);
    if (over != null) {
      long seconds = Duration.between(over.since(), Instant.now()).toSeconds();
      log.info("{}: resolved after {} s: {}", owner, seconds, over.problem());
    }
  }

  /** Ends the faults of a partition that this member no longer owns. */
  public void endOf(TopicPartition partition) {
    faults.forEach(
        (place, fault) -> {
          if (fault.partition().filter(partition::equals).isPresent()) {
            end(place);
          }
        });
  }

  /** Whether this place has a fault. */
  public boolean has(String place) {
    return faults.containsKey(place);
  }

  /** The current faults, the oldest first. */
  public List<Fault> current() {
    return faults.isEmpty()
        ? List.of()
        : faults.values().stream().sorted(Comparator.comparing(Fault::since)).toList();
  }
}
