package io.hermes.subscribe;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.contract.schema.ContractProblems;
import io.hermes.kafka.OpenTransaction;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TopicDifference;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries to the brokers about topics: by the caller's thread at the start, later by the poll
 * thread. Used by one thread at a time.
 */
final class BrokerQueries implements TopicIds, ClusterState {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(3);

  /** The maximum length of a topic name, in characters. */
  private static final int LONGEST_NAME = ContractProblems.MAX_TOPIC_LENGTH;

  private final String group;
  private final TopicAdmin admin;
  private final String where;
  private final boolean deadLetters;
  private final Set<String> withDeadLetterTopic = new HashSet<>();

  BrokerQueries(String group, TopicAdmin admin, String where, boolean deadLetters) {
    this.group = group;
    this.admin = admin;
    this.where = where;
    this.deadLetters = deadLetters;
  }

  /** At the start: refuses a topic that does not exist or may not be read. */
  void check(String topic) {
    admin.require(AclOperation.READ, topic);
    ensureDeadLetterTopic(topic);
  }

  /** At the start: refuses a topic that does not exist or may not be written. */
  void checkOutput(Topic<?> topic) {
    admin.require(AclOperation.WRITE, topic.name());
    compare(topic);
  }

  Set<String> names() {
    return admin.names();
  }

  /** At the start: checks the permission on the group, before the poll thread needs it. */
  void checkGroup(String topic) {
    try {
      admin.requireGroup(group, topic);
    } catch (BrokerUnavailableException e) {
      // The brokers respond, but the group's coordinator does not: the poll thread waits for it.
      LOG.warn("Group {}: its coordinator does not respond yet: {}", group, e.getMessage());
    }
  }

  void compare(Topic<?> contract) {
    TopicDifference.log("Group " + group, admin.compare(contract), LOG);
  }

  /** Called when a partition arrives. */
  @Override
  public @Nullable TopicId of(String topic) {
    try {
      ensureDeadLetterTopic(topic);
    } catch (HermesException e) {
      LOG.warn(
          "Group {}: {} has no dead-letter topic, so its dead letters wait: {}",
          group,
          topic,
          e.toString());
    }
    try {
      return new TopicId(admin.clusterId(), admin.id(topic));
    } catch (HermesException e) {
      LOG.warn(
          "Group {}: the id of {} is unknown, so commits do not record what finished out of order: {}",
          group,
          topic,
          e.toString());
      return null;
    }
  }

  @Override
  public Map<String, CompletableFuture<TopicId>> ask(Set<String> topics) {
    Map<String, CompletableFuture<TopicId>> answers = new HashMap<>();
    admin
        .ids(topics)
        .forEach(
            (topic, id) ->
                answers.put(topic, id.thenApply(known -> new TopicId(admin.clusterId(), known))));
    return answers;
  }

  @Override
  public CompletableFuture<List<String>> brokers() {
    return admin.questions(QUESTION_TIMEOUT).brokers();
  }

  @Override
  public Map<TopicPartition, CompletableFuture<Long>> ends(
      Set<TopicPartition> partitions, IsolationLevel level) {
    return admin.questions(QUESTION_TIMEOUT).ends(partitions, level);
  }

  @Override
  public CompletableFuture<Optional<String>> leader(TopicPartition partition) {
    return admin.questions(QUESTION_TIMEOUT).leader(partition);
  }

  @Override
  public CompletableFuture<List<OpenTransaction>> openTransactions(TopicPartition partition) {
    return admin.questions(QUESTION_TIMEOUT).openTransactions(partition);
  }

  private void ensureDeadLetterTopic(String topic) {
    if (!deadLetters || withDeadLetterTopic.contains(topic)) {
      return;
    }
    String name = DeadLetterHeaders.topicOf(topic);
    if (name.length() > LONGEST_NAME) {
      throw new SettingsException(
          "The topic "
              + topic
              + " has "
              + topic.length()
              + " characters, so its dead-letter topic, "
              + name
              + ", would have "
              + name.length()
              + "; Kafka allows "
              + LONGEST_NAME
              + ".",
          "Use a shorter topic name, or an error policy that skips or stops.",
          null);
    }
    int partitions = admin.partitions(topic);
    Map<String, String> configuration = DeadLetterHeaders.topicConfiguration();
    try {
      if (admin.createIfMissing(name, OptionalInt.of(partitions), configuration)) {
        String count = Words.count(partitions, "partition");
        LOG.info("Group {}: created topic {} with {}", group, name, count);
      }
      withDeadLetterTopic.add(topic);
    } catch (AccessException e) {
      StringBuilder command = new StringBuilder("kafka-topics.sh --bootstrap-server " + where);
      command.append(" --create --topic ").append(name).append(" --partitions ").append(partitions);
      configuration.forEach(
          (key, value) -> command.append(" --config ").append(key).append('=').append(value));
      throw new AccessException(
          "The dead-letter topic " + name + " does not exist, and the principal may not create it.",
          "Create it with: " + command + ", or use an error policy that skips or stops.",
          e);
    }
  }

  void close() {
    admin.close();
  }
}
