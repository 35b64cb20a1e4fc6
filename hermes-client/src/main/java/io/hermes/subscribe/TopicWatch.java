package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Detects that a topic was deleted, or deleted and recreated. Kafka's consumer would continue in
 * the new topic at its offset in the old one, and skip the records below. Poll thread only.
 */
final class TopicWatch {

  /** As often as Kafka's own clients refresh the metadata of a topic. */
  static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(5);

  private static final String FAULT = "recreated topic";

  private final TopicIds topicIds;
  private final Rebalance rebalance;
  private final Faults faults;
  private final String where;
  private final long intervalNs;
  private final MissingTopics missing;
  private Map<String, CompletableFuture<TopicId>> answers = Map.of();
  private List<Partition> asked = List.of();
  private Set<Partition> ownedBefore = Set.of();
  private long lastNs = System.nanoTime();

  TopicWatch(
      TopicIds topicIds,
      Rebalance rebalance,
      Collection<String> names,
      Faults faults,
      String where,
      Duration interval) {
    this.missing = new MissingTopics(topicIds, rebalance, names, faults, where);
    this.topicIds = topicIds;
    this.rebalance = rebalance;
    this.faults = faults;
    this.where = where;
    this.intervalNs = interval.toNanos();
  }

  /** Returns without waiting, unless a topic was recreated. */
  void check(long nowNs) {
    missing.check(nowNs);
    takeAnswers();
    if (!answers.isEmpty() || nowNs - lastNs < intervalNs) {
      return;
    }
    lastNs = nowNs;
    // Skip new partitions: their topic id may be from a broker ahead of the one that answers now.
    asked = new ArrayList<>(rebalance.owned());
    asked.retainAll(ownedBefore);
    ownedBefore = new HashSet<>(rebalance.owned());
    answers =
        asked.isEmpty()
            ? Map.of()
            : topicIds.ask(
                asked.stream()
                    .map(partition -> partition.id().topic())
                    .collect(Collectors.toSet()));
  }

  private void takeAnswers() {
    if (answers.isEmpty() || !answers.values().stream().allMatch(CompletableFuture::isDone)) {
      return;
    }
    Map<TopicPartition, Long> recreated = new HashMap<>();
    for (Partition partition : asked) {
      CompletableFuture<TopicId> answer = answers.get(partition.id().topic());
      if (partition.isLive() && answer != null && !answer.isCompletedExceptionally()) {
        if (partition.isOfAnother(answer.getNow(null))) {
          recreated.put(partition.id(), 0L);
        }
      }
    }
    try {
      if (!recreated.isEmpty()) {
        rebalance.restart(recreated, "was deleted and recreated");
      }
      answers = Map.of();
      faults.end(FAULT);
    } catch (WakeupException e) {
      // tried again in the next turn
    } catch (RetriableException | AuthorizationException e) {
      answers = Map.of(); // asked again after the interval
      String what = "The start offsets are unknown for the recreated topics " + recreated.keySet();
      faults.begin(FAULT, KafkaFailures.fault(Fault.Kind.POSITION, what, e, where, null), e);
    }
  }
}
