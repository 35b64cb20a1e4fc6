package io.hermes.cli.groups;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.jspecify.annotations.Nullable;

/**
 * Where groups are at one moment. Immutable.
 *
 * @param time to the second
 * @param timeNs the same moment by the clock that measures durations
 * @param remarks what the figures leave out, and why
 */
record GroupSample(
    Instant time,
    long timeNs,
    String where,
    int brokers,
    List<GroupState> groups,
    List<String> remarks) {

  /**
   * Asks the brokers.
   *
   * @param only one group; null for all
   * @throws io.hermes.HermesException if they do not answer, or there is no such group
   */
  static GroupSample take(GroupAdmin admin, @Nullable String only) {
    List<String> remarks = new ArrayList<>();
    Map<String, ConsumerGroupDescription> groups;
    if (only == null) {
      GroupAdmin.Described described = admin.describe(admin.names());
      groups = described.groups();
      String remark = described.remark();
      if (remark != null) {
        remarks.add(remark);
      }
      if (groups.isEmpty() && remark == null) {
        remarks.add("No consumer groups at " + admin.where() + ".");
      }
    } else {
      groups = Map.of(only, admin.describe(only));
    }
    Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    long timeNs = System.nanoTime();
    List<GroupState> states = GroupState.of(admin, groups);
    List<String> unseen =
        states.stream().flatMap(state -> state.unseenTopics().stream()).distinct().toList();
    if (!unseen.isEmpty()) {
      remarks.add(
          "No lag of %s: there is no such topic or partition, or you may not DESCRIBE it."
              .formatted(String.join(", ", unseen)));
    }
    return new GroupSample(
        time, timeNs, admin.where(), admin.brokers(), states, List.copyOf(remarks));
  }
}
