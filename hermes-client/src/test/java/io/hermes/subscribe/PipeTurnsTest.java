package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.kafka.TransactionFailures.Step;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the poll thread of a pipe does, and how long it waits, in moments that are rare. */
@Timeout(60)
class PipeTurnsTest {

  private static final ExecutorService HELPER = Executors.newSingleThreadExecutor();
  private static final Duration LONG = Duration.ofHours(1);

  // The kinds of records, by the numbers of the simulation.
  private static final int FAILS_ONCE = 1;
  private static final int EMITS_TOO_LARGE = 3;
  private static final int OTHER_KEY = 24;

  @AfterAll
  static void stop() {
    HELPER.shutdown();
  }

  @Test
  void aRecordFarBehindHoldsUpItsPartitionAndNotTheOthers() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), Duration.ZERO);
    TopicPartition held = pipe.partitions.get(0);
    TopicPartition other = pipe.partitions.get(1);
    pipe.append(held, FAILS_ONCE); // and waits for its retry
    turns(pipe, 4);
    pipe.kafka.skip(held, CommitMetadata.SAFE_SPAN);
    append(pipe, held, 4);
    turns(pipe, 4);
    append(pipe, held, 30); // more than may be in flight
    turns(pipe, 20);
    append(pipe, other, 30);
    for (int i = 0; i < 5_000 && committed(pipe, other) < 30; i++) {
      Thread.sleep(1);
      turns(pipe, 1);
    }
    assertThat(committed(pipe, other)).isEqualTo(30);
    assertThat(committed(pipe, held)).isZero();
    turns(pipe, 4);
    pipe.pipe().loop().runOnce();
    assertThat(dueInNs(pipe)).isPositive(); // nothing that could be done keeps the thread busy

    pipe.heal();

    assertThat(committed(pipe, held)).isEqualTo(pipe.kafka.end(held));
  }

  @Test
  void afterAnAbortTheNextTransactionWaits() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), LONG);
    append(pipe, pipe.partitions.get(0), 4);
    pipe.transactions.fail(Step.SEND, new TopicAuthorizationException("told to"), false);
    turns(pipe, 10);
    assertThat(pipe.transactions.hasFailed()).isTrue();
    int before = pipe.handled();

    turns(pipe, 100);

    assertThat(pipe.handled()).isEqualTo(before);
    assertThat(dueInNs(pipe)).isGreaterThan(Duration.ofMinutes(50).toNanos());
    assertThat(pipe.pipe().faults().current()).hasSize(1);
  }

  @Test
  void afterARefusedOutputTheNextTransactionDoesNotWait() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), LONG);
    for (int i = 0; i < 3; i++) {
      append(pipe, pipe.partitions.get(0), 4);
      pipe.append(pipe.partitions.get(0), EMITS_TOO_LARGE);
      append(pipe, pipe.partitions.get(1), 4);
    }
    pipe.heal();
    assertThat(pipe.transactions.committed()).hasSize(27);
    assertThat(pipe.transactions.sentInVain()).isZero();
  }

  @Test
  void withoutAProducerItWaitsForTheNextAttempt() {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), LONG);
    assertThat(pipe.start(new TimeoutException("told to"))).hasSize(1);
    assertThat(dueInNs(pipe)).isGreaterThan(Duration.ofMinutes(50).toNanos());
  }

  @Test
  void aCommitThatIsOverIsTakenAfterTheDeadlineToo() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), Duration.ZERO);
    Committer committer = pipe.pipe().committer();
    append(pipe, pipe.partitions.get(0), 4);
    for (int i = 0; i < 5_000 && (i < 10 || committer.isReady()); i++) {
      Thread.sleep(1);
      turnWithoutCommits(pipe);
    }
    assertThat(committer.isReady()).as("it commits").isFalse();
    committer.settle(System.nanoTime());
    assertThat(committer.isReady()).as("nobody has answered").isFalse();

    pipe.commit();

    committer.settle(System.nanoTime() - LONG.toNanos());
    assertThat(committer.isReady()).isTrue();
    assertThat(committed(pipe, pipe.partitions.get(0))).isEqualTo(4);
  }

  @Test
  void whatIsVoidWithoutPartitionsNeedsNoConsumer() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofSeconds(5), Duration.ZERO);
    append(pipe, pipe.partitions.get(0), 3);
    turns(pipe, 4);
    Rebalance rebalance = pipe.pipe().rebalance();
    rebalance.onPartitionsLost(rebalance.assigned()); // as by the end of its membership
    assertThat(pipe.pipe().committer().mustStartOver()).isTrue();
    pipe.kafka.close();
    rebalance.startOver();
    assertThat(pipe.pipe().committer().mustStartOver()).isFalse();
  }

  /** Otherwise what has finished out of order would not be in the commit, and come again. */
  @Test
  void aPartitionOfAnUnknownTopicDoesNotRestart() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofMillis(1), Duration.ZERO);
    append(pipe, pipe.partitions.get(0), 4);
    turns(pipe, 4);
    TopicPartition id = pipe.partitions.get(0);
    Rebalance rebalance = pipe.pipe().rebalance();
    Partition before = Objects.requireNonNull(rebalance.owned(id));
    pipe.hideTopicIds();

    assertThatThrownBy(() -> rebalance.restart(Map.of(id, 0L), "was recreated"))
        .isInstanceOf(UnknownTopicIdException.class);

    assertThat(rebalance.owned(id)).isSameAs(before);
    assertThat(before.isLive()).isTrue();
  }

  @Test
  void whatTheProducerReportsAfterAnAbortKeepsNobodyBusy() throws Exception {
    PipeSimulation pipe = pipe(Duration.ofSeconds(5), Duration.ZERO);
    pipe.partitions.forEach(id -> append(pipe, id, 1));
    turns(pipe, 4);
    Rebalance rebalance = pipe.pipe().rebalance();
    pipe.partitions.forEach(id -> pipe.kafka.revoke(rebalance, id, true, () -> {}));
    for (int i = 0; i < 4; i++) {
      pipe.pipe().loop().runOnce();
    }
    assertThat(pipe.transactions.committed()).isEmpty();
    assertThat(dueInNs(pipe)).isPositive();
  }

  private static PipeSimulation pipe(Duration maxSlice, Duration pause) {
    return new PipeSimulation(ProcessingOrder.KEY, HELPER, maxSlice, pause);
  }

  private static void append(PipeSimulation pipe, TopicPartition id, int records) {
    for (int i = 0; i < records; i++) {
      pipe.append(id, OTHER_KEY);
    }
  }

  private static void turns(PipeSimulation pipe, int turns) throws Exception {
    for (int i = 0; i < turns; i++) {
      turnWithoutCommits(pipe);
      pipe.commit();
    }
  }

  private static void turnWithoutCommits(PipeSimulation pipe) throws Exception {
    pipe.partitions.forEach(id -> pipe.kafka.assign(pipe.pipe().rebalance(), id));
    pipe.pipe().loop().runOnce();
    pipe.work(0);
  }

  private static long committed(PipeSimulation pipe, TopicPartition id) {
    OffsetAndMetadata committed = pipe.kafka.committed().get(id);
    return committed == null ? 0 : committed.offset();
  }

  private static long dueInNs(PipeSimulation pipe) {
    return pipe.pipe().committer().dueInNs(System.nanoTime());
  }
}
