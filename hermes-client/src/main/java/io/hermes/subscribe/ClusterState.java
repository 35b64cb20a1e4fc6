package io.hermes.subscribe;

import io.hermes.kafka.OpenTransaction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Queries the state of the cluster, without waiting for the answers. */
interface ClusterState {

  /** The addresses of the brokers. */
  CompletableFuture<List<String>> brokers();

  /** The end offsets of partitions. */
  Map<TopicPartition, CompletableFuture<Long>> ends(
      Set<TopicPartition> partitions, IsolationLevel level);

  /** The address of a partition's leader; empty if it has none. */
  CompletableFuture<Optional<String>> leader(TopicPartition partition);

  /** The open transactions of a partition, oldest first. */
  CompletableFuture<List<OpenTransaction>> openTransactions(TopicPartition partition);
}
