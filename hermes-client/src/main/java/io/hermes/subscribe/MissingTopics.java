package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.Thrown;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Detects that a topic was deleted, or that describing it is refused. Kafka's consumer treats it as
 * a topic without partitions and waits silently. Poll thread only.
 */
final class MissingTopics {

  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

  private final TopicIds topicIds;
  private final Rebalance rebalance;
  private final Collection<String> names;
  private final Faults faults;
  private final String where;
  private Map<String, CompletableFuture<TopicId>> answers = Map.of();
  private long askedNs = System.nanoTime();

  /**
   * Watches topics.
   *
   * @param names the topics that the subscriber names; empty for a pattern, which may match none
   */
  MissingTopics(
      TopicIds topicIds,
      Rebalance rebalance,
      Collection<String> names,
      Faults faults,
      String where) {
    this.topicIds = topicIds;
    this.rebalance = rebalance;
    this.names = names;
    this.faults = faults;
    this.where = where;
  }

  /** Asks for topics of which this member owns no partition; another member may own them. */
  void check(long nowNs) {
    if (!answers.isEmpty() && answers.values().stream().allMatch(CompletableFuture::isDone)) {
      answers.forEach(this::take);
      answers = Map.of();
    }
    if (!answers.isEmpty() || nowNs - askedNs < INTERVAL_NS) {
      return;
    }
    askedNs = nowNs;
    Set<String> without = new HashSet<>(names);
    rebalance.assigned().forEach(partition -> without.remove(partition.topic()));
    if (!without.isEmpty()) {
      answers = topicIds.ask(without);
    }
    names.stream().filter(name -> !without.contains(name)).forEach(this::exists);
  }

  private void take(String name, CompletableFuture<TopicId> answer) {
    Throwable failure = answer.handle((id, thrown) -> thrown).join();
    if (failure == null) {
      exists(name);
    } else if (Thrown.unwrap(failure) instanceof UnknownTopicOrPartitionException) {
      Fault fault =
          Fault.of(
              Fault.Kind.TOPIC,
              "Topic '" + name + "' does not exist at " + where + ": it was deleted.",
              "Create it with './hermes topics apply'; Hermes resumes when it exists.");
      faults.begin(place(name), fault.ofTopic(name), failure);
    } else if (Thrown.unwrap(failure) instanceof AuthorizationException) {
      String what = "No records are received from topic " + name;
      Fault fault = KafkaFailures.fault(Fault.Kind.ACCESS, what, failure, where, name);
      faults.begin(place(name), fault.ofTopic(name), failure);
    }
  }

  private void exists(String name) {
    if (!faults.has(place(name))) {
      return;
    }
    faults.end(place(name));
    if (rebalance.assigned().isEmpty()) {
      // Otherwise the consumer finds the topic only after metadata.max.age.ms.
      rebalance.rejoin("topic " + name + " exists again");
    }
  }

  private static String place(String name) {
    return "topic " + name;
  }
}
