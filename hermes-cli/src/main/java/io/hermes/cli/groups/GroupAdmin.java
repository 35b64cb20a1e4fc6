package io.hermes.cli.groups;

import io.hermes.HermesException;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Names;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.subscribe.CommittedOffset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Queries a cluster's consumer groups. For one thread. */
final class GroupAdmin implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration READING = Duration.ofSeconds(10);

  private final KafkaSettings settings;
  private final Names names;
  private final TopicAdmin topics;
  private final Admin admin;
  private final int timeoutMs;

  private GroupAdmin(KafkaOptions options, Duration timeout) {
    this.settings = options.settings();
    this.names = options.names();
    this.timeoutMs = (int) timeout.toMillis();
    this.topics = TopicAdmin.connect(settings);
    Map<String, Object> config = settings.adminProperties(Map.of());
    ClientIds.assign(config, "admin");
    this.admin = settings.clients().admin(config);
  }

  static GroupAdmin connect(KafkaOptions options) {
    return connect(options, TIMEOUT);
  }

  /**
   * Connects.
   *
   * @param timeout the timeout of each later query
   * @throws io.hermes.BrokerUnavailableException if no broker responds
   */
  static GroupAdmin connect(KafkaOptions options, Duration timeout) {
    return new GroupAdmin(options, timeout);
  }

  String where() {
    return settings.bootstrapServers();
  }

  /** The number of running brokers. */
  int brokers() {
    return await(admin.describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMs)).nodes())
        .size();
  }

  /** All visible groups of this environment, except those with the progress of dlt redrive. */
  List<String> names() {
    ListGroupsOptions options = ListGroupsOptions.forConsumerGroups().timeoutMs(timeoutMs);
    return await(admin.listGroups(options).all()).stream()
        .map(GroupListing::groupId)
        .filter(name -> names.isOwn(name) && !names.isLedger(name))
        .sorted()
        .toList();
  }

  /**
   * Descriptions of groups.
   *
   * @param groups those that still exist, by name
   * @param refused the names of those that may not be described
   */
  record Described(Map<String, ConsumerGroupDescription> groups, List<String> refused) {

    /**
     * Reports which groups may not be described, and the missing permission; null if all may be.
     */
    @Nullable String remark() {
      return refused.isEmpty()
          ? null
          : "No permission to describe %s. Grant DESCRIBE on %s, and on the topics of its members."
              .formatted(
                  refused.stream().map(Text::printable).collect(Collectors.joining(", ")),
                  refused.size() == 1 ? "this group" : "these groups");
    }
  }

  /** The groups that still exist. */
  Described describe(Collection<String> names) {
    Described described = new Described(new TreeMap<>(), new ArrayList<>());
    var options = new DescribeConsumerGroupsOptions().timeoutMs(timeoutMs);
    admin
        .describeConsumerGroups(names, options)
        .describedGroups()
        .forEach(
            (name, answer) -> {
              try {
                described.groups().put(name, answer.get());
              } catch (ExecutionException | InterruptedException e) {
                if (e.getCause() instanceof AuthorizationException) {
                  described.refused().add(name);
                } else if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                  throw translate(e);
                }
              }
            });
    Collections.sort(described.refused());
    return described;
  }

  /**
   * One group.
   *
   * @throws HermesException if no group has that name
   * @throws io.hermes.AccessException if it may not be described
   */
  ConsumerGroupDescription describe(String name) {
    Described described = describe(List.of(name));
    if (!described.refused().isEmpty()) {
      throw translate(GroupAuthorizationException.forGroupId(name));
    }
    ConsumerGroupDescription found = described.groups().get(name);
    if (found == null) {
      throw new HermesException(
          "Group %s does not exist at %s.".formatted(name, where()),
          "List the groups with ./hermes groups list.",
          null);
    }
    return found;
  }

  /** The committed offsets of groups. */
  Map<String, Map<TopicPartition, OffsetAndMetadata>> commits(Collection<String> groups) {
    if (groups.isEmpty()) {
      return Map.of();
    }
    Map<String, ListConsumerGroupOffsetsSpec> wanted = new HashMap<>();
    groups.forEach(group -> wanted.put(group, new ListConsumerGroupOffsetsSpec()));
    var options = new ListConsumerGroupOffsetsOptions().timeoutMs(timeoutMs);
    return await(admin.listConsumerGroupOffsets(wanted, options).all());
  }

  /**
   * A topic's id and the offsets of its partitions.
   *
   * @param begins the oldest offset of each requested partition
   * @param ends the offset after the newest record
   */
  record Log(Uuid id, Map<Integer, Long> begins, Map<Integer, Long> ends) {

    /** The log of a partition; null if the partition does not exist. */
    static @Nullable Log of(Map<String, Log> logs, TopicPartition id) {
      Log log = logs.get(id.topic());
      return log == null || !log.ends.containsKey(id.partition()) ? null : log;
    }
  }

  /** The logs of partitions, without topics that do not exist or may not be described. */
  Map<String, Log> logs(Set<TopicPartition> partitions) {
    Set<String> names = new HashSet<>();
    partitions.forEach(partition -> names.add(partition.topic()));
    Map<String, Log> logs = new TreeMap<>();
    Set<TopicPartition> there = new HashSet<>(partitions);
    admin
        .describeTopics(names, new DescribeTopicsOptions().timeoutMs(timeoutMs))
        .topicNameValues()
        .forEach(
            (name, answer) -> {
              TopicDescription topic = descriptionOrNull(answer);
              int count = topic == null ? 0 : topic.partitions().size();
              there.removeIf(id -> id.topic().equals(name) && id.partition() >= count);
              if (topic != null) {
                logs.put(name, new Log(topic.topicId(), new TreeMap<>(), new TreeMap<>()));
              }
            });
    offsets(there, OffsetSpec.earliest())
        .forEach((id, offset) -> log(logs, id).begins().put(id.partition(), offset));
    offsets(there, OffsetSpec.latest())
        .forEach((id, offset) -> log(logs, id).ends().put(id.partition(), offset));
    return logs;
  }

  private static Log log(Map<String, Log> logs, TopicPartition id) {
    return Objects.requireNonNull(logs.get(id.topic()));
  }

  private @Nullable TopicDescription descriptionOrNull(KafkaFuture<TopicDescription> answer) {
    try {
      return answer.get();
    } catch (ExecutionException | InterruptedException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException
          || e.getCause() instanceof AuthorizationException) {
        return null;
      }
      throw translate(e);
    }
  }

  /** An offset for each partition; -1 if no record has that time or a later one. */
  Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec spec) {
    if (partitions.isEmpty()) {
      return Map.of();
    }
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    ListOffsetsResult answers =
        admin.listOffsets(wanted, new ListOffsetsOptions().timeoutMs(timeoutMs));
    partitions.forEach(
        partition -> offsets.put(partition, offset(answers.partitionResult(partition))));
    return offsets;
  }

  private long offset(KafkaFuture<ListOffsetsResultInfo> answer) {
    try {
      return answer.get().offset();
    } catch (ExecutionException | InterruptedException e) {
      throw e.getCause() instanceof TimeoutException silence
          ? KafkaFailures.noLeader(where(), silence)
          : translate(e);
    }
  }

  /** The number of partitions of a topic. */
  int partitions(String topic) {
    return topics.partitions(topic);
  }

  CommittedOffset read(OffsetAndMetadata commit, Uuid topicId) {
    return CommittedOffset.of(commit, topics.clusterId(), topicId);
  }

  /**
   * The timestamp of the first record at or after an offset, for each partition where it is known.
   */
  Map<TopicPartition, Long> timestamps(Map<TopicPartition, Long> offsets) {
    return OldestRecords.timestamps(settings, offsets, READING);
  }

  /**
   * Commits for a group without members.
   *
   * @param offsets where the group resumes
   * @param ids the ids of the topics
   * @throws HermesException if the group has members after all; then nothing is committed
   */
  void reset(String group, Map<TopicPartition, Long> offsets, Map<String, Uuid> ids) {
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> {
          Uuid id = Objects.requireNonNull(ids.get(partition.topic()));
          commits.put(partition, CommittedOffset.reset(offset, topics.clusterId(), id));
        });
    var options = new AlterConsumerGroupOffsetsOptions().timeoutMs(timeoutMs);
    AlterConsumerGroupOffsetsResult answers =
        admin.alterConsumerGroupOffsets(group, commits, options);
    int done = 0;
    @Nullable HermesException failure = null;
    for (TopicPartition partition : commits.keySet()) {
      try {
        answers.partitionResult(partition).get();
        done++;
      } catch (ExecutionException | InterruptedException e) {
        failure = failure == null ? notReset(group, partition, e) : failure;
      }
    }
    if (failure != null) {
      String rest = " " + Units.count(done, "other partition") + " reset.";
      throw done == 0
          ? failure
          : new HermesException(failure.problem() + rest, failure.advice().orElse(null), failure);
    }
  }

  private HermesException notReset(String group, TopicPartition partition, Exception failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof UnknownMemberIdException
        || cause instanceof StaleMemberEpochException
        || cause instanceof GroupNotEmptyException) {
      return new HermesException(
          "A member has joined group %s in the meantime, so nothing was reset.".formatted(group),
          "Stop it and try again.",
          cause);
    }
    boolean ofGroup = cause instanceof GroupAuthorizationException; // lacks the name
    return KafkaFailures.translate(
        ofGroup ? GroupAuthorizationException.forGroupId(group) : failure,
        where(),
        partition.topic());
  }

  private <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException | InterruptedException e) {
      throw translate(e);
    }
  }

  private HermesException translate(Exception failure) {
    Throwable cause = failure.getCause();
    Throwable hidden = cause == null ? null : cause.getCause(); // listing groups wraps a timeout
    return KafkaFailures.translate(
        hidden instanceof TimeoutException ? hidden : failure, where(), null);
  }

  @Override
  public void close() {
    topics.close();
    admin.close(Duration.ofSeconds(1));
  }
}
