package io.hermes.testkit;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the broker that coordinates a group or the transactions of a transactional id: the leader
 * of the partition of an internal topic that the name's hash selects. It does not query the
 * coordinator itself, which may therefore be paused.
 */
final class Coordinators {

  private static final Logger LOG = LoggerFactory.getLogger(Coordinators.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private Coordinators() {}

  /** The id of the broker that coordinates the transactions of a transactional id. */
  static int ofTransactions(String bootstrapServers, String transactionalId) {
    try (Admin admin = Admins.connect(bootstrapServers)) {
      return leader(
          admin,
          Topic.TRANSACTION_STATE_TOPIC_NAME,
          transactionalId,
          () -> admin.describeTransactions(List.of(transactionalId)).all());
    }
  }

  /** The id of the broker that coordinates a group. */
  static int ofGroup(String bootstrapServers, String group) {
    try (Admin admin = Admins.connect(bootstrapServers)) {
      return leader(
          admin,
          Topic.GROUP_METADATA_TOPIC_NAME,
          group,
          () -> admin.describeConsumerGroups(List.of(group)).all());
    }
  }

  private static int leader(
      Admin admin, String topic, String name, Supplier<KafkaFuture<?>> firstUse) {
    long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
    String what = "coordinator of " + name;
    while (true) {
      try {
        var answer = admin.describeTopics(List.of(topic)).allTopicNames();
        TopicDescription internal =
            Admins.await(answer, deadlineNs, what).values().iterator().next();
        int partition = abs(name.hashCode()) % internal.partitions().size();
        Node leader = internal.partitions().get(partition).leader();
        if (leader != null && !leader.isEmpty()) {
          return leader.id();
        }
      } catch (UnknownTopicOrPartitionException missing) {
        createTopic(firstUse.get(), deadlineNs, what);
      } catch (RetriableException e) {
        LOG.debug("No {} yet", what, e);
      }
      Admins.pause(deadlineNs, what);
    }
  }

  /** The brokers create the internal topic when a client first asks for a coordinator. */
  private static void createTopic(KafkaFuture<?> firstUse, long deadlineNs, String what) {
    try {
      Admins.await(firstUse, deadlineNs, what);
    } catch (KafkaException e) {
      LOG.debug("The name is new to its coordinator, or there is none yet", e);
    }
  }

  /** Like Kafka's brokers: {@code Math.abs(Integer.MIN_VALUE)} is negative, so it maps to 0. */
  private static int abs(int hash) {
    return hash == Integer.MIN_VALUE ? 0 : Math.abs(hash);
  }
}
