package io.hermes.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeFeaturesOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Queries the state of a cluster asynchronously. A query that fails completes with one of Kafka's
 * exceptions. Safe for any thread.
 */
public final class ClusterQuestions {

  /** The name of the feature (KIP-1022). */
  private static final String TRANSACTIONS = "transaction.version";

  private final Admin admin;
  private final int timeoutMs;

  ClusterQuestions(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeoutMs = (int) timeout.toMillis();
  }

  /** The addresses of the running brokers, as {@code host:port}. Needs no permission. */
  public CompletableFuture<List<String>> brokers() {
    return admin
        .describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMs))
        .nodes()
        .thenApply(nodes -> nodes.stream().map(ClusterQuestions::address).sorted().toList())
        .toCompletionStage()
        .toCompletableFuture();
  }

  /**
   * The end offsets of partitions, each from its leader.
   *
   * @param partitions the partitions
   * @param level {@code READ_UNCOMMITTED} for the high watermark, {@code READ_COMMITTED} for the
   *     last stable offset, where the first open transaction begins
   * @return a result for each partition
   */
  public Map<TopicPartition, CompletableFuture<Long>> ends(
      Set<TopicPartition> partitions, IsolationLevel level) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    ListOffsetsOptions options = new ListOffsetsOptions(level).timeoutMs(timeoutMs);
    ListOffsetsResult result = admin.listOffsets(latest, options);
    Map<TopicPartition, CompletableFuture<Long>> ends = new HashMap<>();
    for (TopicPartition partition : partitions) {
      ends.put(
          partition,
          result
              .partitionResult(partition)
              .thenApply(ListOffsetsResultInfo::offset)
              .toCompletionStage()
              .toCompletableFuture());
    }
    return ends;
  }

  /** The leader of a partition, as {@code host:port}; empty if the partition has none. */
  public CompletableFuture<Optional<String>> leader(TopicPartition partition) {
    DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(timeoutMs);
    return admin
        .describeTopics(Set.of(partition.topic()), options)
        .allTopicNames()
        .thenApply(topics -> leader(topics.values(), partition.partition()))
        .toCompletionStage()
        .toCompletableFuture();
  }

  private static Optional<String> leader(Collection<TopicDescription> topics, int number) {
    return topics.stream()
        .flatMap(topic -> topic.partitions().stream())
        .filter(partition -> partition.partition() == number)
        .map(TopicPartitionInfo::leader)
        .filter(leader -> leader != null && !leader.isEmpty())
        .map(ClusterQuestions::address)
        .findAny();
  }

  /**
   * The cluster's finalized {@code transaction.version}: 2 with KIP-890, where each transaction has
   * its own epoch; 0 if the cluster does not have this feature. Needs no permission.
   */
  public CompletableFuture<Integer> transactionVersion() {
    return admin
        .describeFeatures(new DescribeFeaturesOptions().timeoutMs(timeoutMs))
        .featureMetadata()
        .thenApply(
            features -> {
              FinalizedVersionRange version = features.finalizedFeatures().get(TRANSACTIONS);
              return version == null ? 0 : (int) version.maxVersionLevel();
            })
        .toCompletionStage()
        .toCompletableFuture();
  }

  /** What the coordinator knows about a transactional id. Needs DESCRIBE on the id. */
  public CompletableFuture<TransactionDescription> transaction(String transactionalId) {
    return admin
        .describeTransactions(
            Set.of(transactionalId), new DescribeTransactionsOptions().timeoutMs(timeoutMs))
        .description(transactionalId)
        .toCompletionStage()
        .toCompletableFuture();
  }

  /** Like {@link OpenTransaction#find}. */
  public CompletableFuture<List<OpenTransaction>> openTransactions(TopicPartition partition) {
    return OpenTransaction.find(admin, partition, Duration.ofMillis(timeoutMs));
  }

  private static String address(Node node) {
    return node.host() + ":" + node.port();
  }
}
