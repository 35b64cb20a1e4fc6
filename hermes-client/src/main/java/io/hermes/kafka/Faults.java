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
 * The faults of a publisher or a subscriber until they are over. Each is logged when it begins,
 * changes and ends, not each time it is seen. Safe for any thread.
 */
public final class Faults {

  private final ConcurrentMap<String, Fault> faults = new ConcurrentHashMap<>();
  private final String owner;
  private final Logger log;

  /**
   * No faults yet.
   *
   * @param owner who has them, at the start of each log line
   * @param log where they are logged
   */
  public Faults(String owner, Logger log) {
    this.owner = owner;
    this.log = log;
  }

  /**
   * A fault is seen, perhaps again. It keeps the time of its begin until it is over.
   *
   * @param place what does not work; one fault each
   * @param seen the fault
   * @param cause for the log at DEBUG
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
    log.warn("{}: {} {}", owner, seen.problem(), seen.remedy());
    Thrown.log(owner, () -> log.debug("The cause", cause));
  }

  /** Who has them, as at the start of each log line. */
  public String owner() {
    return owner;
  }

  /** What did not work does, or there is nothing any more that could. */
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

  /** The partition is no longer this member's, and so are its faults. */
  public void endOf(TopicPartition partition) {
    faults.forEach(
        (place, fault) -> {
          if (fault.partition().filter(partition::equals).isPresent()) {
            end(place);
          }
        });
  }

  /** Whether there is a fault of this place. */
  public boolean has(String place) {
    return faults.containsKey(place);
  }

  /** Those that last, the oldest first. */
  public List<Fault> current() {
    return faults.isEmpty()
        ? List.of()
        : faults.values().stream().sorted(Comparator.comparing(Fault::since)).toList();
  }
}
