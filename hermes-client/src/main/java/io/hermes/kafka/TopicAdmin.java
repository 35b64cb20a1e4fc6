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
import java.util.concurrent.ExecutionException;
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
 * Creates the topics of contracts and compares them with contracts. Every operation ends within the
 * settings' open time-out. Safe for any thread.
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
  private final String where;
  private final Duration timeout;
  private volatile String clusterId = "";

  private TopicAdmin(Admin admin, KafkaSettings settings) {
    this.admin = admin;
    this.where = settings.bootstrapServers();
    this.timeout = settings.openTimeout();
  }

  /**
   * Connects, and waits until a broker answers.
   *
   * @param settings where Kafka is
   * @return a connection, to be closed
   * @throws io.hermes.BrokerUnavailableException if none answers within the open time-out
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
   * Creates a topic as its contract says, unless there is one of that name.
   *
   * @param topic the topic
   * @return whether it was created
   * @throws io.hermes.AccessException if the principal has no right to create it
   */
  public boolean createIfMissing(Topic<?> topic) {
    return createIfMissing(topic.name(), topic.partitions(), topic.configuration());
  }

  /**
   * Creates a topic unless there is one of that name, and waits until every partition of it can be
   * written and read, which is not yet so when Kafka's own {@code createTopics} returns.
   *
   * @param name the topic's name
   * @param partitions how many; empty for the broker's default
   * @param configuration the topic's configuration, such as {@code cleanup.policy}; may be empty
   * @return whether it was created
   * @throws io.hermes.AccessException if the principal has no right to create it
   */
  public boolean createIfMissing(
      String name, OptionalInt partitions, Map<String, String> configuration) {
    try {
      partitions(name);
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
      created = false; // another process was quicker
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
   * How many partitions a topic has.
   *
   * @param topic the topic's name
   * @return the number of its partitions
   * @throws UnknownTopicException if there is no such topic
   * @throws io.hermes.AccessException if the principal may not know of it
   */
  public int partitions(String topic) {
    return describe(topic, System.nanoTime() + Timeouts.nanos(timeout));
  }

  /**
   * The cluster's id, which no other cluster has.
   *
   * @return empty if the brokers know none, as some that are not Apache Kafka's
   */
  public String clusterId() {
    return clusterId;
  }

  /**
   * A topic's id, which another topic of the same name, made after this one was deleted, has not.
   *
   * @param topic the topic's name
   * @return its id
   * @throws UnknownTopicException if there is no such topic
   */
  public Uuid id(String topic) {
    return description(topic, System.nanoTime() + Timeouts.nanos(timeout)).topicId();
  }

  /**
   * Asks for the ids of topics, without waiting for the answers.
   *
   * @param topics the topics' names
   * @return for each an answer within the open time-out, or one of Kafka's exceptions
   */
  public Map<String, CompletableFuture<Uuid>> ids(Set<String> topics) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(leftMs(deadlineNs));
    Map<String, CompletableFuture<Uuid>> ids = new HashMap<>();
    admin
        .describeTopics(topics, options)
        .topicNameValues()
        .forEach(
            (topic, answer) ->
                ids.put(
                    topic,
                    answer
                        .thenApply(TopicDescription::topicId)
                        .toCompletionStage()
                        .toCompletableFuture()));
    return ids;
  }

  /**
   * The names of the topics that the principal may see.
   *
   * @return the names, Kafka's internal topics among them
   */
  public Set<String> names() {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    var options = new ListTopicsOptions().listInternal(true).timeoutMs(leftMs(deadlineNs));
    return await(admin.listTopics(options).names(), deadlineNs, null);
  }

  /**
   * Refuses a group that the principal may not use; a consumer would notice only later.
   *
   * @param group the group's id
   * @param topic a topic that the group reads
   * @throws io.hermes.AccessException if the principal has no right on it
   * @throws io.hermes.BrokerUnavailableException if the group's coordinator does not answer
   */
  public void requireGroup(String group, String topic) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    var partition =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(new TopicPartition(topic, 0)));
    var options = new ListConsumerGroupOffsetsOptions().timeoutMs(leftMs(deadlineNs));
    var unused =
        await(
            admin.listConsumerGroupOffsets(Map.of(group, partition), options).all(),
            deadlineNs,
            null);
  }

  /**
   * Refuses a topic that the principal may see and not read; a fetch would notice only later.
   *
   * @param topic the topic's name
   * @throws UnknownTopicException if there is no such topic
   * @throws io.hermes.AccessException if the principal has no right to read it
   */
  public void requireReadable(String topic) {
    Set<AclOperation> allowed =
        description(topic, System.nanoTime() + Timeouts.nanos(timeout)).authorizedOperations();
    if (allowed != null && !allowed.isEmpty() && !allowed.contains(AclOperation.READ)) {
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
   * What a topic has otherwise than its contract says, in words. What the principal has no right to
   * see is not compared, which is logged.
   *
   * @param topic the topic
   * @return one sentence for each difference; empty if there is none
   * @throws UnknownTopicException if there is no such topic
   */
  public List<String> differences(Topic<?> topic) {
    List<String> differences = new ArrayList<>();
    for (TopicDifference difference : compare(topic)) {
      if (difference.actual() == null) {
        LOG.info("Topic not compared: {}", difference);
      } else {
        differences.add(difference.toString());
      }
    }
    return differences;
  }

  /**
   * What a topic has otherwise than its contract says, and what the contract says of settings that
   * the principal has no right to see. What the contract leaves to the broker is not compared.
   *
   * @param topic the topic
   * @return the differences; empty if there is none
   * @throws UnknownTopicException if there is no such topic
   */
  public List<TopicDifference> compare(Topic<?> topic) {
    List<TopicDifference> differences = new ArrayList<>();
    String name = topic.name();
    int partitions = partitions(name);
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

  /** Cleanup policies are a list, in any order; all else is one element. */
  private static Set<String> elements(String value) {
    return Set.copyOf(List.of(value.split(",")));
  }

  /** Empty if the principal has no right to see it. */
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
   * Questions to the cluster through this connection, which are not waited for.
   *
   * @param timeout for each answer
   * @return what asks them, until this is closed
   */
  public ClusterQuestions questions(Duration timeout) {
    return new ClusterQuestions(admin, timeout);
  }

  private int leftMs(long deadlineNs) {
    return (int)
        Math.max(
            1,
            Math.min(
                Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
  }

  private <T> T await(KafkaFuture<T> future, long deadlineNs, @Nullable String topic) {
    try {
      // Kafka has the same deadline and a better message: give it a moment to be first.
      return future.get(leftMs(deadlineNs) + 500L, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw KafkaFailures.unavailable(where, null, e);
    } catch (ExecutionException | InterruptedException | RuntimeException e) {
      throw KafkaFailures.translate(e, where, topic);
    }
  }

  /** Disconnects, within a second. */
  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
