package io.hermes.cli.groups;

import io.hermes.cli.groups.GroupState.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The newest sample and the earlier ones that it is compared with. Rates cover the last ten
 * seconds, or two samples that are further apart, because many consumers commit only every five
 * seconds. After a failure, the figures are kept. For one thread.
 */
final class TopFigures {

  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final Deque<GroupSample> samples = new ArrayDeque<>(); // never empty
  private @Nullable Outage outage;

  /**
   * The brokers do not respond, or reject the query.
   *
   * @param since the time of the first failed query
   * @param problem why the last query failed
   */
  record Outage(Instant since, String problem) {}

  TopFigures(GroupSample first) {
    samples.add(first);
  }

  void add(GroupSample sample) {
    if (outage != null) {
      samples.clear(); // a rate across an outage would be meaningless
      outage = null;
    }
    samples.addLast(sample);
    while (samples.size() > 2 && isOutside(samples.stream().skip(1).findFirst().orElseThrow())) {
      samples.removeFirst();
    }
  }

  private boolean isOutside(GroupSample sample) {
    return newest().timeNs() - sample.timeNs() >= WINDOW.toNanos();
  }

  void fail(Instant time, String problem) {
    outage = new Outage(outage == null ? time : outage.since(), problem);
  }

  GroupSample newest() {
    return samples.getLast();
  }

  /** Null while the brokers respond. */
  @Nullable Outage outage() {
    return outage;
  }

  Pace pace(GroupState group) {
    return pace(group, group.positions());
  }

  /** The pace in some of a group's partitions. */
  Pace pace(GroupState group, List<Position> positions) {
    List<Pace.Past> past = new ArrayList<>();
    for (GroupSample sample : samples) {
      double seconds = (newest().timeNs() - sample.timeNs()) / 1e9;
      for (GroupState state : sample.groups()) {
        if (seconds > 0 && state.group().groupId().equals(group.group().groupId())) {
          Map<TopicPartition, Position> then = new HashMap<>();
          state.positions().forEach(position -> then.put(position.id(), position));
          past.add(new Pace.Past(seconds, then));
        }
      }
    }
    return Pace.of(positions, past);
  }
}
