package io.hermes.cli.groups;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of groups. Immutable.
 *
 * @param time to the second
 * @param timeNs the same moment on the monotonic clock
 * @param remarks what the figures omit, and why
 */
record GroupSample(
    Instant time,
    long timeNs,
    String where,
    int brokers,
    List<GroupState> groups,
    List<String> remarks) {

  /**
   * Queries the brokers.
   *
   * @param only one group; null for all
   * @throws io.hermes.HermesException if they do not respond, or the group does not exist
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
          "No lag for %s: the topic or partition does not exist, or you lack DESCRIBE on it."
              .formatted(String.join(", ", unseen)));
    }
    return new GroupSample(
        time, timeNs, admin.where(), admin.brokers(), states, List.copyOf(remarks));
  }
}
