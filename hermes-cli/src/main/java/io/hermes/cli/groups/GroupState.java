package io.hermes.cli.groups;

import io.hermes.subscribe.CommittedOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A group and its position in its partitions: those with a commit, and those that members own.
 * Immutable.
 */
record GroupState(ConsumerGroupDescription group, List<Position> positions) {

  /**
   * A group's position in a partition.
   *
   * @param log the partition's log; null if it does not exist or may not be described
   * @param committed the committed offset in Kafka; null if none
   * @param commit what that means to subscribers; null without commit or log
   * @param member the owner; null if none
   */
  record Position(
      TopicPartition id,
      GroupAdmin.@Nullable Log log,
      @Nullable Long committed,
      @Nullable CommittedOffset commit,
      @Nullable MemberDescription member) {

    long begin() {
      return log == null ? 0 : log.begins().getOrDefault(id.partition(), 0L);
    }

    long end() {
      return log == null ? 0 : log.ends().getOrDefault(id.partition(), 0L);
    }

    /**
     * The number of offsets from the commit to the end, as Kafka's own tools count; null if not
     * known.
     */
    @Nullable Long lag() {
      return commit == null || commit.isOfAnotherTopic()
          ? null
          : Long.valueOf(Math.max(0, end() - Math.max(commit.offset(), begin())));
    }

    /** The finished records among those. */
    long ahead() {
      return commit == null ? 0 : commit.finishedAhead(0);
    }

    /** The earliest possible offset of the oldest unfinished record; null if there is none. */
    @Nullable Long oldest() {
      Long lag = lag();
      return lag == null || lag == 0 ? null : Long.valueOf(end() - lag);
    }
  }

  /** Queries several groups together. */
  static List<GroupState> of(GroupAdmin admin, Map<String, ConsumerGroupDescription> groups) {
    Map<String, Map<TopicPartition, OffsetAndMetadata>> commits = admin.commits(groups.keySet());
    Map<String, Map<TopicPartition, MemberDescription>> owners = new HashMap<>();
    Set<TopicPartition> all = new HashSet<>();
    groups.forEach(
        (name, group) -> {
          Map<TopicPartition, MemberDescription> owner = new HashMap<>();
          for (MemberDescription member : group.members()) {
            member.assignment().topicPartitions().forEach(id -> owner.put(id, member));
          }
          owners.put(name, owner);
          all.addAll(owner.keySet());
        });
    commits.values().forEach(commit -> all.addAll(commit.keySet()));
    Map<String, GroupAdmin.Log> logs = admin.logs(all);
    List<GroupState> states = new ArrayList<>();
    groups.forEach(
        (name, group) -> {
          Map<TopicPartition, OffsetAndMetadata> committed = commits.getOrDefault(name, Map.of());
          Map<TopicPartition, MemberDescription> owner = owners.getOrDefault(name, Map.of());
          Set<TopicPartition> ids = new HashSet<>(committed.keySet());
          ids.addAll(owner.keySet());
          List<Position> positions = new ArrayList<>();
          for (TopicPartition id : ids) {
            OffsetAndMetadata commit = committed.get(id);
            GroupAdmin.Log log = GroupAdmin.Log.of(logs, id);
            positions.add(
                new Position(
                    id,
                    log,
                    commit == null ? null : commit.offset(),
                    commit == null || log == null ? null : admin.read(commit, log.id()),
                    owner.get(id)));
          }
          states.add(new GroupState(group, sorted(positions)));
        });
    return states;
  }

  /**
   * Adds all partitions of some topics, including those without a commit and an owner.
   *
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   */
  GroupState with(GroupAdmin admin, List<String> topics) {
    Set<TopicPartition> known = new HashSet<>();
    positions.forEach(position -> known.add(position.id()));
    Set<TopicPartition> missing = new HashSet<>();
    for (String topic : topics) {
      int count = admin.partitions(topic);
      for (int partition = 0; partition < count; partition++) {
        missing.add(new TopicPartition(topic, partition));
      }
    }
    missing.removeAll(known);
    Map<String, GroupAdmin.Log> logs = admin.logs(missing);
    List<Position> all = new ArrayList<>(positions);
    missing.forEach(id -> all.add(new Position(id, GroupAdmin.Log.of(logs, id), null, null, null)));
    return new GroupState(group, sorted(all));
  }

  private static List<Position> sorted(List<Position> positions) {
    return positions.stream()
        .sorted(
            Comparator.comparing((Position position) -> position.id().topic())
                .thenComparing(position -> position.id().partition()))
        .toList();
  }

  /** Topics that exist and may be described. */
  List<String> existingTopics() {
    return positions.stream()
        .filter(position -> position.log() != null)
        .map(position -> position.id().topic())
        .distinct()
        .toList();
  }

  /** Topics with a partition that does not exist or may not be described. */
  List<String> unseenTopics() {
    return positions.stream()
        .filter(position -> position.log() == null)
        .map(position -> position.id().topic())
        .distinct()
        .toList();
  }

  /** The sum of all lags; null if none is known. */
  @Nullable Long lag() {
    return lag(positions);
  }

  static @Nullable Long lag(List<Position> positions) {
    Long sum = null;
    for (Position position : positions) {
      Long lag = position.lag();
      if (lag != null) {
        sum = (sum == null ? 0 : sum) + lag;
      }
    }
    return sum;
  }

  List<String> topics() {
    return positions.stream().map(position -> position.id().topic()).distinct().toList();
  }
}
