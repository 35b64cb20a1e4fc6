package io.hermes.cli.groups;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.GroupState.Position;
import io.hermes.subscribe.CommittedOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The changes of a reset, for each partition. Immutable. */
record GroupReset(List<Move> moves) {

  /**
   * A partition, and the offset at which the group resumes in it.
   *
   * @param committed the current committed offset; null if the group has committed nothing for this
   *     topic
   * @param to the new offset
   * @param again the number of records that are redelivered
   * @param skipped the number of unfinished records that are never handled
   */
  record Move(Position position, @Nullable Long committed, long to, long again, long skipped) {

    static Move of(Position position, long to) {
      CommittedOffset commit = position.commit();
      if (commit == null || commit.isOfAnotherTopic()) {
        return new Move(position, null, to, 0, 0);
      }
      long from = Math.max(commit.offset(), position.begin());
      long finishedAfter = commit.finishedAhead(to);
      long finishedBefore = commit.finishedAhead(from) - finishedAfter;
      return to <= from
          ? new Move(position, commit.offset(), to, from - to + finishedAfter, 0)
          : new Move(position, commit.offset(), to, finishedAfter, to - from - finishedBefore);
    }

    boolean changes() {
      return committed == null || committed != to || again > 0;
    }

    String effect() {
      if (!changes()) {
        return "stays";
      }
      List<String> effects = new ArrayList<>();
      if (again > 0) {
        effects.add(Units.count(again, "record") + " again");
      }
      if (skipped > 0) {
        effects.add(Units.count(skipped, "record") + " skipped");
      }
      return effects.isEmpty() ? "resumes here" : String.join(", ", effects);
    }
  }

  /**
   * Plans a reset.
   *
   * @param wanted the partitions to reset
   * @throws SettingsException if every partition ends before the offset
   */
  static GroupReset plan(
      GroupAdmin admin, GroupState state, StartAt to, Predicate<TopicPartition> wanted) {
    List<Position> positions = new ArrayList<>();
    Set<TopicPartition> ids = new HashSet<>();
    for (Position position : state.positions()) {
      if (position.log() != null && wanted.test(position.id())) {
        positions.add(position);
        ids.add(position.id());
      }
    }
    Map<TopicPartition, Long> byTime =
        to instanceof StartAt.Time at
            ? admin.offsets(ids, OffsetSpec.forTimestamp(at.time().toEpochMilli()))
            : Map.of();
    long last = positions.stream().mapToLong(Position::end).max().orElse(0);
    if (to instanceof StartAt.Offset at && at.offset() > last && !positions.isEmpty()) {
      throw new SettingsException(
          "--to %d is beyond the end of every partition; the longest one ends at %d."
              .formatted(at.offset(), last),
          null);
    }
    return new GroupReset(
        positions.stream()
            .map(position -> Move.of(position, target(position, to, byTime)))
            .toList());
  }

  private static long target(Position position, StartAt to, Map<TopicPartition, Long> byTime) {
    long offset = position.end();
    if (to instanceof StartAt.Beginning) {
      offset = position.begin();
    } else if (to instanceof StartAt.Offset at) {
      offset = at.offset();
    } else if (to instanceof StartAt.Time) {
      long found = byTime.getOrDefault(position.id(), -1L);
      offset = found < 0 ? position.end() : found; // no record is that recent
    }
    return Math.max(position.begin(), Math.min(position.end(), offset));
  }

  /** The partitions that the reset affects. */
  List<Move> changes() {
    return moves.stream().filter(Move::changes).toList();
  }

  long again() {
    return moves.stream().mapToLong(Move::again).sum();
  }

  long skipped() {
    return moves.stream().mapToLong(Move::skipped).sum();
  }

  /**
   * Commits the changes.
   *
   * @throws HermesException if a member has joined; then nothing is committed
   */
  void apply(GroupAdmin admin, String group) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Map<String, Uuid> ids = new HashMap<>();
    for (Move move : changes()) {
      TopicPartition id = move.position().id();
      offsets.put(id, move.to());
      ids.put(id.topic(), Objects.requireNonNull(move.position().log()).id());
    }
    admin.reset(group, offsets, ids);
  }
}
