package io.hermes.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that has written to a partition and is neither committed nor aborted. Consumers
 * with {@code isolation.level=read_committed}, such as Hermes' own, cannot read its first record or
 * anything after it until the transaction ends. Immutable.
 *
 * @param partition the partition
 * @param startOffset the offset of its first record there
 * @param producerId the id that the cluster assigned to its producer
 * @param producerEpoch the producer's epoch
 * @param lastWrite when the producer last wrote to the partition
 * @param transactionalId the producer's {@code transactional.id}; empty if the principal lacks the
 *     permission to see it (DESCRIBE on the transactional id), or if no transaction coordinator
 *     knows the producer anymore. In the latter case, only a manual abort ends the transaction
 */
public record OpenTransaction(
    TopicPartition partition,
    long startOffset,
    long producerId,
    int producerEpoch,
    Instant lastWrite,
    Optional<String> transactionalId) {

  /**
   * The open transactions of a partition, the oldest first. Needs READ on the topic. Returns
   * immediately; safe for any thread.
   *
   * @param admin the connection to use; stays open
   * @param partition the partition
   * @param timeout the timeout of each of the two requests
   * @return completes with the transactions, or with one of Kafka's exceptions
   */
  public static CompletableFuture<List<OpenTransaction>> find(
      Admin admin, TopicPartition partition, Duration timeout) {
    int timeoutMs = (int) timeout.toMillis();
    return admin
        .describeProducers(Set.of(partition), new DescribeProducersOptions().timeoutMs(timeoutMs))
        .partitionResult(partition)
        .toCompletionStage()
        .toCompletableFuture()
        .thenCompose(producers -> named(admin, open(partition, producers), timeoutMs));
  }

  private static List<OpenTransaction> open(
      TopicPartition partition, PartitionProducerState producers) {
    List<OpenTransaction> open = new ArrayList<>();
    for (ProducerState producer : producers.activeProducers()) {
      producer
          .currentTransactionStartOffset()
          .ifPresent(
              start ->
                  open.add(
                      new OpenTransaction(
                          partition,
                          start,
                          producer.producerId(),
                          producer.producerEpoch(),
                          Instant.ofEpochMilli(producer.lastTimestamp()),
                          Optional.empty())));
    }
    open.sort(Comparator.comparingLong(OpenTransaction::startOffset));
    return open;
  }

  /** Adds the transactional ids; if they cannot be found, the rest is still returned. */
  private static CompletableFuture<List<OpenTransaction>> named(
      Admin admin, List<OpenTransaction> open, int timeoutMs) {
    if (open.isEmpty()) {
      return CompletableFuture.completedFuture(open);
    }
    List<Long> ids = open.stream().map(OpenTransaction::producerId).toList();
    ListTransactionsOptions options =
        new ListTransactionsOptions().filterProducerIds(ids).timeoutMs(timeoutMs);
    return admin
        .listTransactions(options)
        .all()
        .toCompletionStage()
        .toCompletableFuture()
        .handle(
            (listings, failure) -> {
              Map<Long, String> names = new HashMap<>();
              if (listings != null) {
                for (TransactionListing listing : listings) {
                  names.put(listing.producerId(), listing.transactionalId());
                }
              }
              return open.stream().map(one -> one.named(names.get(one.producerId))).toList();
            });
  }

  private OpenTransaction named(@Nullable String name) {
    return new OpenTransaction(
        partition, startOffset, producerId, producerEpoch, lastWrite, Optional.ofNullable(name));
  }

  /**
   * The command that aborts it manually. It needs CLUSTER_ACTION on the cluster.
   *
   * @param bootstrapServers where the cluster is
   * @return a shell command line
   */
  public String abortCommand(String bootstrapServers) {
    return "kafka-transactions.sh --bootstrap-server "
        + bootstrapServers
        + " abort --topic "
        + partition.topic()
        + " --partition "
        + partition.partition()
        + " --start-offset "
        + startOffset;
  }
}
