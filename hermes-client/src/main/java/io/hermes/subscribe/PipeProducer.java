package io.hermes.subscribe;

import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.CommitCall.NotCommitted;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer of a pipe's transactions, and its successors. All have the same transactional id:
 * when one is initialized, the coordinator ends its predecessor's open transaction and fences the
 * predecessor. Poll thread only. A commit waits for the brokers on the commit thread; until it has
 * ended, nothing else uses the producer, except {@link #close}.
 */
final class PipeProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final Supplier<Producer<byte[], byte[]>> another;
  private final String owner;
  private final TransactionFailures failures;
  private final Executor commits;
  private @Nullable Producer<byte[], byte[]> current;

  PipeProducer(
      Supplier<Producer<byte[], byte[]>> another,
      String owner,
      TransactionFailures failures,
      Executor commits) {
    this.commits = commits;
    this.another = another;
    this.owner = owner;
    this.failures = failures;
  }

  /** Classifies a failure of a transaction's step. */
  Failure failure(Step step, Throwable failure) {
    return failures.of(step, failure);
  }

  /** Whether there is a producer. {@link #begin}, {@link #send} and commits need one. */
  boolean exists() {
    return current != null;
  }

  /**
   * Creates the next producer if there is none.
   *
   * @throws KafkaException if that fails now
   */
  void renew() {
    if (current != null) {
      return;
    }
    Producer<byte[], byte[]> next = another.get();
    try {
      next.initTransactions();
      current = next;
    } finally {
      if (current == null) {
        discard(next);
      }
    }
  }

  private void discard(Producer<byte[], byte[]> old) {
    var unused = ProducerClose.begin(owner, old, Duration.ZERO);
  }

  private Producer<byte[], byte[]> current() {
    Producer<byte[], byte[]> known = current;
    if (known == null) {
      throw new KafkaException("The pipe has no producer at the moment.");
    }
    return known;
  }

  void begin() {
    current().beginTransaction();
  }

  void send(ProducerRecord<byte[], byte[]> output, Callback callback) {
    var unused = current().send(output, callback);
  }

  /**
   * Adds the offsets to the transaction and commits it, on the commit thread. Returns immediately.
   *
   * @return completes with null when it is committed
   */
  CompletableFuture<@Nullable NotCommitted> commit(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata membership) {
    Producer<byte[], byte[]> committing = current();
    return CompletableFuture.<@Nullable NotCommitted>supplyAsync(
        () -> {
          try {
            committing.sendOffsetsToTransaction(offsets, membership);
          } catch (RuntimeException | Error e) {
            return new NotCommitted(Step.OFFSETS, e);
          }
          return commit(committing);
        },
        commits);
  }

  /** Repeats a commit whose outcome is unknown after a timeout. Returns immediately. */
  CompletableFuture<@Nullable NotCommitted> commitAgain() {
    Producer<byte[], byte[]> committing = current();
    return CompletableFuture.<@Nullable NotCommitted>supplyAsync(() -> commit(committing), commits);
  }

  private static @Nullable NotCommitted commit(Producer<byte[], byte[]> committing) {
    try {
      committing.commitTransaction();
      return null;
    } catch (RuntimeException | Error e) {
      return new NotCommitted(Step.COMMIT, e);
    }
  }

  /** Aborts the transaction; if that fails, discards the producer. */
  void abort() {
    Producer<byte[], byte[]> known = current;
    if (known == null) {
      return;
    }
    try {
      known.abortTransaction();
    } catch (RuntimeException e) {
      LOG.debug("{}: the producer cannot abort its transaction, and is replaced", owner, e);
      current = null;
      discard(known);
    }
  }

  /** Closes the producer, which aborts an open transaction. */
  void close(long deadlineNs) {
    Producer<byte[], byte[]> known = current;
    if (known == null) {
      return;
    }
    Duration left = Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime()));
    try {
      if (!ProducerClose.await(ProducerClose.begin(owner, known, left), left)) {
        LOG.warn("{}: the pipe's producer is still waiting for a broker", owner);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
