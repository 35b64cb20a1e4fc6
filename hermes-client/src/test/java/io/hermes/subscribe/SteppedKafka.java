package io.hermes.subscribe;

import io.hermes.kafka.OpenTransaction;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Logs and commits that outlive a member, and a consumer on them that does only what it is told:
 * rebalances happen in the poll after they were asked for, commits are acknowledged when told. Of
 * one thread.
 */
final class SteppedKafka {

  /** Never answers. */
  static final ClusterState CLUSTER =
      new ClusterState() {
        @Override
        public CompletableFuture<List<String>> brokers() {
          return new CompletableFuture<>();
        }

        @Override
        public Map<TopicPartition, CompletableFuture<Long>> ends(
            Set<TopicPartition> ids, IsolationLevel level) {
          return Map.of();
        }

        @Override
        public CompletableFuture<Optional<String>> leader(TopicPartition id) {
          return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<List<OpenTransaction>> openTransactions(TopicPartition id) {
          return new CompletableFuture<>();
        }
      };

  private final int mostPerPoll;
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> logs = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private final java.util.function.Consumer<TopicPartition> onCommittedRead;

  // The member's state, new after a crash.
  private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
  private final Set<TopicPartition> paused = new HashSet<>();
  private final Deque<Runnable> rebalances = new ArrayDeque<>();
  private final Deque<PendingCommit> commits = new ArrayDeque<>();

  private int pollsUntilCommits;
  private boolean closed;

  private record PendingCommit(
      Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {}

  SteppedKafka(int mostPerPoll, java.util.function.Consumer<TopicPartition> onCommittedRead) {
    this.onCommittedRead = onCommittedRead;
    this.mostPerPoll = mostPerPoll;
  }

  /** Appends behind a gap of so many offsets. */
  long append(TopicPartition id, byte @Nullable [] key, byte[] value, int gap) {
    long offset = ends.getOrDefault(id, 0L) + gap;
    logs.computeIfAbsent(id, none -> new ArrayList<>())
        .add(new ConsumerRecord<>(id.topic(), id.partition(), offset, key, value));
    ends.put(id, offset + 1);
    return offset;
  }

  /** Offsets that hold nothing, such as transaction markers. */
  void skip(TopicPartition id, int offsets) {
    ends.merge(id, (long) offsets, Long::sum);
  }

  List<ConsumerRecord<byte[], byte[]>> log(TopicPartition id) {
    return logs.getOrDefault(id, List.of());
  }

  long end(TopicPartition id) {
    return ends.getOrDefault(id, 0L);
  }

  Map<TopicPartition, OffsetAndMetadata> committed() {
    return committed;
  }

  Set<TopicPartition> assigned() {
    return positions.keySet();
  }

  /** The group rebalances: no commit is taken before so many polls. */
  void refuseCommitsUntil(int polls) {
    pollsUntilCommits = polls;
  }

  /** The consumer is closed, and may not be used. */
  void close() {
    closed = true;
  }

  void crash() {
    positions.clear();
    paused.clear();
    rebalances.clear();
    commits.clear();
  }

  void assign(ConsumerRebalanceListener listener, TopicPartition id) {
    rebalances.add(
        () -> {
          if (!positions.containsKey(id)) {
            positions.put(id, -1L);
            listener.onPartitionsAssigned(List.of(id));
          }
        });
  }

  void revoke(ConsumerRebalanceListener listener, TopicPartition id, boolean lost, Runnable after) {
    rebalances.add(
        () -> {
          if (positions.containsKey(id)) {
            if (lost) {
              listener.onPartitionsLost(List.of(id));
            } else {
              listener.onPartitionsRevoked(List.of(id));
            }
            positions.remove(id);
            paused.remove(id);
            after.run();
          }
        });
  }

  /** The oldest commit that is on its way is made, or not, and says so. */
  void answerCommit(boolean made) {
    PendingCommit commit = commits.poll();
    if (commit != null) {
      if (made) {
        committed.putAll(commit.offsets);
      }
      commit.callback.onComplete(commit.offsets, made ? null : new TimeoutException("told to"));
    }
  }

  /** The oldest commit that is on its way is made, and nobody hears of it. */
  void loseAnswer() {
    PendingCommit commit = commits.peek();
    if (commit != null) {
      committed.putAll(commit.offsets);
    }
  }

  Member member() {
    return new Member(
        "group",
        consumer(),
        () -> {
          throw new UnsupportedOperationException();
        });
  }

  // The arguments are those of Kafka's interface; its metadata has no other public constructor.
  @SuppressWarnings({"unchecked", "removal", "deprecation"})
  Consumer<byte[], byte[]> consumer() {
    return (Consumer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Consumer.class.getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, args) ->
                switch (closed ? "closed" : method.getName()) {
                  case "poll" -> poll();
                  case "seek" -> positions.replace((TopicPartition) args[0], (Long) args[1]);
                  case "pause" -> {
                    paused.addAll((Collection<TopicPartition>) args[0]);
                    yield null;
                  }
                  case "resume" -> {
                    paused.removeAll((Collection<TopicPartition>) args[0]);
                    yield null;
                  }
                  case "committed" -> committedOf((Set<TopicPartition>) args[0]);
                  case "beginningOffsets", "endOffsets" ->
                      beginnings((Collection<TopicPartition>) args[0]);
                  case "currentLag" -> OptionalLong.empty();
                  case "commitAsync" -> {
                    commits.add(
                        new PendingCommit(
                            (Map<TopicPartition, OffsetAndMetadata>) args[0],
                            (OffsetCommitCallback) args[1]));
                    yield null;
                  }
                  case "assignment" -> Set.copyOf(positions.keySet());
                  case "commitSync" -> {
                    if (pollsUntilCommits > 0) {
                      throw new RebalanceInProgressException("told to");
                    }
                    while (!commits.isEmpty()) {
                      answerCommit(true); // Kafka does so, too
                    }
                    committed.putAll((Map<TopicPartition, OffsetAndMetadata>) args[0]);
                    yield null;
                  }
                  case "wakeup" -> null;
                  case "metrics" -> Map.of();
                  case "groupMetadata" -> new ConsumerGroupMetadata("sim");
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private Map<TopicPartition, OffsetAndMetadata> committedOf(Set<TopicPartition> ids) {
    Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
    ids.forEach(onCommittedRead); // may throw, as where a transaction is not over yet
    ids.forEach(id -> result.put(id, committed.get(id)));
    return result;
  }

  private static Map<TopicPartition, Long> beginnings(Collection<TopicPartition> ids) {
    Map<TopicPartition, Long> result = new HashMap<>();
    ids.forEach(id -> result.put(id, 0L));
    return result;
  }

  private ConsumerRecords<byte[], byte[]> poll() {
    pollsUntilCommits--;
    while (!rebalances.isEmpty()) {
      rebalances.poll().run();
    }
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> batch = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    int left = mostPerPoll;
    for (Map.Entry<TopicPartition, Long> entry : positions.entrySet()) {
      TopicPartition id = entry.getKey();
      if (paused.contains(id) || left == 0) {
        continue;
      }
      long position = entry.getValue();
      List<ConsumerRecord<byte[], byte[]>> records =
          log(id).stream().filter(record -> record.offset() >= position).limit(left).toList();
      left -= records.size();
      long to = records.isEmpty() ? position : records.get(records.size() - 1).offset() + 1;
      boolean all = log(id).stream().noneMatch(record -> record.offset() >= to);
      entry.setValue(all ? end(id) : to);
      if (!records.isEmpty()) {
        batch.put(id, records);
      }
      next.put(id, new OffsetAndMetadata(entry.getValue()));
    }
    return new ConsumerRecords<>(batch, next);
  }
}
