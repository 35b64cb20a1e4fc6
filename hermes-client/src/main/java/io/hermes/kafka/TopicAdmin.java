package io.hermes.kafka;

import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates topics from contracts and compares existing topics with their contracts. Every operation
 * ends within the settings' open timeout. Pass names without the settings' {@linkplain
 * KafkaSettings.Builder#topicPrefix topic prefix}. Safe for any thread.
 *
 * <pre>{@code
 * try (TopicAdmin topics = TopicAdmin.connect(KafkaSettings.fromEnvironment())) {
 *   topics.createIfMissing(Topic.of(UserEvent.class));
 * }
 * }</pre>
 */
public final class TopicAdmin implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.kafka");
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Admin admin;
  private final ClusterNames names;
  private final String where;
  private final Duration timeout;
  private volatile String clusterId = "";

  private TopicAdmin(Admin admin, KafkaSettings settings) {
    this.admin = admin;
    this.names = ClusterNames.of(settings);
    this.where = settings.bootstrapServers();
    this.timeout = settings.openTimeout();
  }

  /**
   * Connects, and waits until a broker responds.
   *
   * @param settings where Kafka is
   * @return an open connection, which the caller closes
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.AccessException if the brokers refuse the credentials
   */
  public static TopicAdmin connect(KafkaSettings settings) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(settings.openTimeout());
    return Bootstrap.open(
        settings, addresses -> connect(settings, addresses, deadlineNs), TopicAdmin::close);
  }

  private static TopicAdmin connect(KafkaSettings settings, String addresses, long deadlineNs) {
    TopicAdmin topics =
        new TopicAdmin(AdminClients.open(settings, addresses, deadlineNs), settings);
    try {
      var options = new DescribeClusterOptions().timeoutMs(topics.leftMs(deadlineNs));
      String id = topics.await(topics.admin.describeCluster(options).clusterId(), deadlineNs, null);
      topics.clusterId = Objects.requireNonNullElse(id, "");
      return topics;
    } catch (BrokerUnavailableException e) {
      topics.close();
      String address = settings.usesTls() ? null : TlsPort.among(settings.bootstrapServers());
      throw address == null ? e : KafkaFailures.speaksTls(address, e);
    } catch (RuntimeException | Error e) {
      topics.close();
      throw e;
    }
  }

  /**
   * Creates a topic from its contract, unless a topic with that name exists.
   *
   * @param topic the topic
   * @return whether it was created
   * @throws io.hermes.AccessException if the principal lacks the permission to create it
   */
  public boolean createIfMissing(Topic<?> topic) {
    return createIfMissing(topic.name(), topic.partitions(), topic.configuration());
  }

  /**
   * Creates a topic unless a topic with that name exists, and waits until each of its partitions
   * can be written and read. When Kafka's own {@code createTopics} returns, that is not guaranteed
   * yet.
   *
   * @param given the topic's name
   * @param partitions the number of partitions; empty for the broker's default
   * @param configuration the topic's configuration, such as {@code cleanup.policy}; may be empty
   * @return whether it was created
   * @throws io.hermes.AccessException if the principal lacks the permission to create it
   */
  public boolean createIfMissing(
      String given, OptionalInt partitions, Map<String, String> configuration) {
    String name = names.topic(given);
    try {
      describe(name, System.nanoTime() + Timeouts.nanos(timeout));
      return false;
    } catch (UnknownTopicException missing) {
      LOG.debug("Creating topic {}", name);
    }
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    Optional<Integer> count =
        partitions.isPresent() ? Optional.of(partitions.getAsInt()) : Optional.empty();
    NewTopic topic = new NewTopic(name, count, Optional.empty()).configs(configuration);
    boolean created = true;
    try {
      CreateTopicsOptions options = new CreateTopicsOptions().timeoutMs(leftMs(deadlineNs));
      await(admin.createTopics(List.of(topic), options).all(), deadlineNs, name);
    } catch (HermesException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
      created = false; // another process created it first
    }
    awaitReady(name, deadlineNs);
    return created;
  }

  private void awaitReady(String name, long deadlineNs) {
    while (true) {
      try {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < describe(name, deadlineNs); partition++) {
          ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
        }
        ListOffsetsOptions options = new ListOffsetsOptions().timeoutMs(leftMs(deadlineNs));
        await(admin.listOffsets(ends, options).all(), deadlineNs, name);
        return;
      } catch (HermesException e) {
        boolean notYet =
            e.getCause() instanceof RetriableException
                && !(e.getCause() instanceof TimeoutException)
                && System.nanoTime() - deadlineNs < 0;
        if (!notYet) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  /**
   * The number of partitions of a topic.
   *
   * @param topic the topic's name
   * @return the number of its partitions
   * @throws UnknownTopicException if the topic does not exist
   * @throws io.hermes.AccessException if the principal may not describe it
   */
  public int partitions(String topic) {
    return describe(names.topic(topic), System.nanoTime() + Timeouts.nanos(timeout));
  }

  /**
   * The cluster's unique id.
   *
   * @return empty if the brokers have none, as in some implementations other than Apache Kafka
   */
  public String clusterId() {
    return clusterId;
  }

  /**
   * A topic's id. A recreated topic has the same name but another id.
   *
   * @param topic the topic's name
   * @return its id
   * @throws UnknownTopicException if the topic does not exist
   */
  public Uuid id(String topic) {
    return description(names.topic(topic), System.nanoTime() + Timeouts.nanos(timeout)).topicId();
  }

  /**
   * Queries the ids of topics asynchronously.
   *
   * @param topics the topics' names
   * @return for each topic, completes within the open timeout with its id or a Kafka exception
   */
  public Map<String, CompletableFuture<Uuid>> ids(Set<String> topics) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    var options = new DescribeTopicsOptions().timeoutMs(leftMs(deadlineNs));
    var answers =
        admin.describeTopics(topics.stream().map(names::topic).toList(), options).topicNameValues();
    Map<String, CompletableFuture<Uuid>> ids = new HashMap<>();
    for (String topic : topics) {
      var answer = Objects.requireNonNull(answers.get(names.topic(topic)));
      var id = answer.thenApply(TopicDescription::topicId).toCompletionStage();
      ids.put(topic, id.toCompletableFuture());
    }
    return ids;
  }

  /**
   * The topics that the principal may see.
   *
   * @return their full names, including the prefix; also Kafka's internal topics
   */
  public Set<String> names() {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    var options = new ListTopicsOptions().listInternal(true).timeoutMs(leftMs(deadlineNs));
    return await(admin.listTopics(options).names(), deadlineNs, null);
  }

  /**
   * Fails if the principal may not use a group, which a consumer would notice only later.
   *
   * @param group the group's id
   * @param topic a topic that the group reads
   * @throws io.hermes.AccessException if the principal lacks a permission on the group
   * @throws io.hermes.BrokerUnavailableException if the group's coordinator does not respond
   */
  public void requireGroup(String group, String topic) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    TopicPartition first = new TopicPartition(names.topic(topic), 0);
    var partition = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(first));
    var options = new ListConsumerGroupOffsetsOptions().timeoutMs(leftMs(deadlineNs));
    var unused =
        await(
            admin.listConsumerGroupOffsets(Map.of(names.group(group), partition), options).all(),
            deadlineNs,
            null);
  }

  /**
   * Fails if the principal may describe a topic but has no permission for an operation, which
   * reading or writing would notice only later.
   *
   * @param given the topic's name
   * @throws UnknownTopicException if the topic does not exist
   * @throws io.hermes.AccessException if the principal lacks the permission
   */
  public void require(AclOperation operation, String given) {
    String topic = names.topic(given);
    Set<AclOperation> allowed =
        description(topic, System.nanoTime() + Timeouts.nanos(timeout)).authorizedOperations();
    if (allowed != null && !allowed.isEmpty() && !allowed.contains(operation)) {
      throw KafkaFailures.translate(new TopicAuthorizationException(Set.of(topic)), where, topic);
    }
  }

  private int describe(String topic, long deadlineNs) {
    return description(topic, deadlineNs).partitions().size();
  }

  private TopicDescription description(String topic, long deadlineNs) {
    DescribeTopicsOptions options =
        new DescribeTopicsOptions().includeAuthorizedOperations(true).timeoutMs(leftMs(deadlineNs));
    var descriptions = admin.describeTopics(List.of(topic), options).allTopicNames();
    return Objects.requireNonNull(await(descriptions, deadlineNs, topic).get(topic));
  }

  /**
   * How a topic differs from its contract, including settings in the contract that the principal
   * has no permission to see. Settings that the contract leaves to the broker are not compared.
   *
   * @param topic the topic
   * @return the differences; empty if there are none
   * @throws UnknownTopicException if the topic does not exist
   */
  public List<TopicDifference> compare(Topic<?> topic) {
    List<TopicDifference> differences = new ArrayList<>();
    String name = names.topic(topic.name());
    int partitions = partitions(topic.name());
    if (topic.partitions().isPresent() && topic.partitions().getAsInt() != partitions) {
      differences.add(
          new TopicDifference(
              name,
              TopicDifference.PARTITIONS,
              Integer.toString(partitions),
              Integer.toString(topic.partitions().getAsInt())));
    }
    Map<String, String> wanted = topic.configuration();
    if (!wanted.isEmpty()) {
      Map<String, String> actual = configuration(name);
      wanted.forEach(
          (setting, value) -> {
            String found = actual.get(setting);
            if (found == null || !elements(found).equals(elements(value))) {
              differences.add(new TopicDifference(name, setting, found, value));
            }
          });
    }
    return differences;
  }

  /** Splits a value: a cleanup policy is a list in any order, every other value one element. */
  private static Set<String> elements(String value) {
    return Set.copyOf(List.of(value.split(",")));
  }

  /** The topic's configuration; empty if the principal has no permission to see it. */
  private Map<String, String> configuration(String topic) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Map<String, String> values = new HashMap<>();
    try {
      DescribeConfigsOptions options = new DescribeConfigsOptions().timeoutMs(leftMs(deadlineNs));
      var configs = admin.describeConfigs(List.of(resource), options).all();
      for (Config config : await(configs, deadlineNs, topic).values()) {
        config.entries().forEach(entry -> values.put(entry.name(), entry.value()));
      }
    } catch (HermesException e) {
      if (!(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
    }
    return values;
  }

  /**
   * Asynchronous queries to the cluster through this connection.
   *
   * @param timeout for each query
   * @return the queries, usable until this connection is closed
   */
  public ClusterQuestions questions(Duration timeout) {
    return new ClusterQuestions(admin, timeout);
  }

  private int leftMs(long deadlineNs) {
    long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, leftMs));
  }

  private <T> T await(KafkaFuture<T> future, long deadlineNs, @Nullable String topic) {
    return AdminClients.await(future, leftMs(deadlineNs), where, topic);
  }

  /** Disconnects, within a second. */
  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
