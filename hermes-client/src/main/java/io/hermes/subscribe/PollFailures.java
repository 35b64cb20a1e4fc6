package io.hermes.subscribe;

import io.hermes.kafka.KafkaFailures;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** What a poll's failure means, and how long to wait after it. Only the poll thread. */
final class PollFailures {

  private static final String FAULT = "poll";
  private static final long FIRST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_WAIT_NS = TimeUnit.SECONDS.toNanos(5);

  /** Between two refusals of a fetch there may be a poll that only sent it. */
  private static final long WELL_NS = TimeUnit.SECONDS.toNanos(1);

  private final Consumer<?, ?> consumer;
  private final Rebalance rebalance;
  private final FlowControl flow;
  private final Faults faults;
  private final String where;
  private int inARow;
  private long retriedNs;

  PollFailures(
      Consumer<?, ?> consumer, Rebalance rebalance, FlowControl flow, Faults faults, String where) {
    this.consumer = consumer;
    this.rebalance = rebalance;
    this.flow = flow;
    this.faults = faults;
    this.where = where;
  }

  /** A poll went well; the fault is over when they have for a while. */
  void none() {
    if (inARow > 0 && System.nanoTime() - retriedNs > WELL_NS) {
      inARow = 0;
      faults.end(FAULT);
    }
  }

  /**
   * A poll failed.
   *
   * @return how long to wait before the next one
   * @throws KafkaException the failure, if no next poll can do better
   */
  long handle(KafkaException failure) {
    if (failure instanceof OffsetOutOfRangeException outOfRange) {
      return reset(outOfRange);
    }
    if (isFatal(failure)) {
      throw failure;
    }
    TopicPartition corrupt = corruptPartition(failure);
    if (corrupt != null) {
      block(corrupt, failure);
      return 0;
    }
    String text = KafkaFailures.translate(failure, where, null).getMessage();
    faults.begin(FAULT, String.valueOf(text), failure);
    long waitNs = Math.min(FIRST_WAIT_NS << Math.min(inARow++, 10), LAST_WAIT_NS);
    retriedNs = System.nanoTime() + waitNs;
    return waitNs;
  }

  private static boolean isFatal(KafkaException failure) {
    if (failure instanceof AuthorizationException || failure instanceof AuthenticationException) {
      return false; // to Kafka a wrong configuration, but rights and certificates may be mended
    }
    return failure instanceof FencedInstanceIdException
        || failure instanceof InvalidGroupIdException
        || failure instanceof InvalidConfigurationException
        || failure instanceof UnsupportedVersionException
        || failure instanceof InterruptException;
  }

  /** A batch that cannot be read: its partition waits for an operator, the others go on. */
  private void block(TopicPartition corrupt, KafkaException failure) {
    long offset = consumer.position(corrupt);
    String text =
        "the batch at offset " + offset + " cannot be read, so nothing behind it is handled";
    faults.begin(corrupt.toString(), text + ": " + failure.getMessage(), failure);
    flow.block(corrupt, text);
  }

  /** Kafka says it only in words, as 'exception when fetching the next record from topic-0.' */
  private @Nullable TopicPartition corruptPartition(KafkaException failure) {
    String message = failure.getMessage();
    if (message == null || !message.contains("fetching the next record")) {
      return null;
    }
    for (Partition partition : rebalance.owned()) {
      if (message.contains(" " + partition.id() + ".")) {
        return partition.id();
      }
    }
    return null;
  }

  private long reset(OffsetOutOfRangeException failure) {
    Map<TopicPartition, Long> handledBelow = new HashMap<>();
    for (TopicPartition id : failure.offsetOutOfRangePartitions().keySet()) {
      OffsetAndMetadata diverged =
          failure instanceof LogTruncationException truncation
              ? truncation.divergentOffsets().get(id)
              : null;
      handledBelow.put(id, diverged == null ? 0 : diverged.offset());
    }
    try {
      rebalance.startAnew(handledBelow, "does not have the next offset (any more)");
      return 0;
    } catch (WakeupException | RetriableException | AuthorizationException e) {
      faults.begin(FAULT, "where " + handledBelow.keySet() + " begin is not known", e);
      inARow++;
      retriedNs = System.nanoTime();
      return FIRST_WAIT_NS; // the next poll says the same again
    }
  }
}
