package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.CommitCall.NotCommitted;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Commits for a pipe: its handlers' outputs, its dead-letter records and its offsets, in one
 * transaction for each slice of time. Poll thread only, except that Kafka's I/O thread reports
 * records that were not written.
 *
 * <p>The poll thread sends a handler's outputs after the handler has returned. So a transaction
 * holds only complete results, and no commit waits for a handler. A record whose handler is slow,
 * or that waits for a retry, belongs to a later transaction.
 *
 * <p>The commit thread waits for the brokers (see {@link CommitCall}), while the poll thread keeps
 * receiving and the workers keep handling. Records that finish meanwhile are committed next. Only
 * the poll thread takes the outcome; it waits for one only before it gives up partitions.
 *
 * <p>Correctness does not depend on how a transaction ended. In doubt, it is aborted, or a new
 * producer with the same transactional id makes the coordinator end it. Then all partitions start
 * over at the committed offsets.
 */
final class SliceCommitter implements Committer {

  private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMMIT_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How long a commit in doubt is repeated. Then a new producer ends the transaction. */
  private static final long LONGEST_COMMIT_NS = TimeUnit.SECONDS.toNanos(30);

  /** Finished records are sent in groups of this size, so that little is left for the commit. */
  private static final int SENT_TOGETHER = 250;

  private final PipeProducer producer;
  private final Member member;
  private final Group group;
  private final Limits limits;
  private final SliceFailures failures;
  private final Observers observers;
  private final RefusedOutputs refused;
  private final Runnable alarm;
  private final Set<Partition> inTransaction = new HashSet<>();
  private UnwrittenOutputs unwritten; // of this transaction
  private SliceState state = SliceState.IDLE;
  private Map<Partition, OffsetAndMetadata> committing = Map.of();
  private @Nullable CommitCall call; // while COMMITTING
  private boolean full;
  private int taken;
  private long sinceNs; // start of the transaction, or of its commit
  private long lastNs = System.nanoTime(); // the last commit, or check for one
  private long acknowledgedNs = lastNs;
  private long repeatAtNs; // the next attempt to commit

  /**
   * When a transaction is committed.
   *
   * @param maxSlice the longest time from its start to its commit
   * @param maxEvents the number of records after which it is committed
   * @param confirmation the time without a commit after which an offset is committed again, as in
   *     {@link OffsetCommitter.Pace}
   */
  record Limits(Duration maxSlice, int maxEvents, Duration confirmation) {}

  /** What the committer works on; the alarm wakes the poll thread. */
  record Targets(
      Member member,
      Group group,
      RefusedOutputs refused,
      SliceFailures failures,
      Observers observers,
      Runnable alarm) {}

  SliceCommitter(PipeProducer producer, Limits limits, Targets targets) {
    this.producer = producer;
    this.limits = limits;
    this.member = targets.member;
    this.group = targets.group;
    this.refused = targets.refused;
    this.unwritten = new UnwrittenOutputs(refused);
    this.failures = targets.failures;
    this.observers = targets.observers;
    this.alarm = targets.alarm;
  }

  @Override
  public void open() {
    try {
      producer.renew();
    } catch (TimeoutException e) {
      // The brokers respond, but the transaction coordinator does not: prepare() tries again.
      failures.failed("The pipe has no producer", reason(Step.INIT, e));
    } catch (RuntimeException e) {
      throw reason(Step.INIT, e);
    }
  }

  @Override
  public void prepare(long nowNs) {
    if (state == SliceState.ABORTING) {
      producer.abort();
      state = SliceState.ABORTED;
    }
    if (failures.retryInNs(nowNs) > 0) {
      return;
    }
    if (state == SliceState.ABORTED) {
      state = SliceState.IDLE;
    }
    try {
      producer.renew();
    } catch (RuntimeException e) {
      failures.failed("The pipe has no producer", reason(Step.INIT, e));
    }
  }

  @Override
  public boolean isReady() {
    return producer.exists() && (state == SliceState.IDLE || state == SliceState.OPEN);
  }

  @Override
  public boolean isOrdered() {
    return true;
  }

  @Override
  public long worthWakingAfter() {
    return taken == 0 ? 1 : SENT_TOGETHER;
  }

  @Override
  public boolean hasRoomFor(WorkItem item) {
    boolean room = item.partition.fitsNextCommit(item.record.offset());
    full |= !room && item.partition.hasAdvanced();
    return room;
  }

  @Override
  public boolean leavesRoom(Partition partition) {
    return partition.fitsNextCommit(partition.tracker().position()) || partition.hasAdvanced();
  }

  @Override
  public boolean takes(WorkItem item) {
    if (!isReady()) {
      return false;
    }
    Throwable first = unwritten.first();
    if (first != null) {
      becomeVoid(Step.SEND, first); // each further send could block for metadata
      return false;
    }
    try {
      begin();
      send(item);
    } catch (RuntimeException e) {
      becomeVoid(Step.SEND, e);
      return false;
    }
    if (item.refusal != null) {
      refused.forget(item); // the transaction has its dead letter, or it was skipped
    }
    inTransaction.add(item.partition);
    taken++;
    return true;
  }

  private void send(WorkItem item) {
    Scope scope = item.openSendingScope();
    try {
      for (ProducerRecord<byte[], byte[]> output : item.outputs) {
        producer.send(output, unwritten.callback(item, output.topic()));
      }
    } finally {
      scope.close();
    }
  }

  private void begin() {
    if (state == SliceState.IDLE) {
      producer.begin();
      state = SliceState.OPEN;
      sinceNs = System.nanoTime();
    }
  }

  @Override
  public @Nullable Throwable refusal(WorkItem item) {
    return refused.of(item);
  }

  @Override
  public long dueInNs(long nowNs) {
    return switch (state) {
      case COMMITTING -> {
        if (call == null) {
          yield Math.max(0, repeatAtNs - nowNs);
        }
        yield call.isOver() ? 0 : Long.MAX_VALUE;
      }
      case VOID, ABORTING -> 0;
      case ABORTED -> failures.retryInNs(nowNs);
      case IDLE, OPEN -> {
        if (!producer.exists()) {
          yield failures.retryInNs(nowNs);
        }
        if (full || taken >= limits.maxEvents || unwritten.first() != null) {
          yield 0;
        }
        yield Math.max(
            0, taken > 0 ? sinceNs + limits.maxSlice.toNanos() - nowNs : lastNs + IDLE_NS - nowNs);
      }
    };
  }

  @Override
  public void commitIfDue(Collection<Partition> owned, long nowNs) {
    if (dueInNs(nowNs) > 0) {
      return;
    }
    if (state == SliceState.COMMITTING) {
      finishCommit();
    } else if (isReady()) {
      lastNs = nowNs;
      if (owned.isEmpty()) {
        failures.end(); // the new owners commit
      }
      Map<Partition, OffsetAndMetadata> due = OffsetCommitter.uncommitted(owned);
      if (due.isEmpty() && nowNs - acknowledgedNs > limits.confirmation.toNanos()) {
        owned.stream().findAny().ifPresent(any -> due.put(any, any.committable()));
      }
      if (!due.isEmpty()) {
        commit(due);
      }
    }
  }

  /** Commits the whole transaction, which also has records of partitions that stay. */
  @Override
  public boolean commitNow(Collection<Partition> leaving, long deadlineNs) {
    long untilNs = Math.min(deadlineNs, System.nanoTime() + TIMEOUT_NS);
    settle(untilNs);
    if (isReady()) {
      Set<Partition> all = new HashSet<>(inTransaction);
      all.addAll(leaving);
      Map<Partition, OffsetAndMetadata> due = OffsetCommitter.uncommitted(all);
      if (!due.isEmpty()) {
        commit(due);
      }
    }
    settle(untilNs);
    return true;
  }

  @Override
  public void settle(long deadlineNs) {
    while (state == SliceState.COMMITTING) {
      if (call == null ? System.nanoTime() - deadlineNs >= 0 : !call.await(deadlineNs)) {
        return;
      }
      finishCommit();
    }
  }

  private void commit(Map<Partition, OffsetAndMetadata> due) {
    try {
      begin();
      call = call(producer.commit(OffsetCommitter.offsets(due), member.consumer().groupMetadata()));
    } catch (RuntimeException e) {
      becomeVoid(Step.OFFSETS, e);
      return;
    }
    committing = due;
    state = SliceState.COMMITTING;
    sinceNs = System.nanoTime();
  }

  private CommitCall call(CompletableFuture<@Nullable NotCommitted> begun) {
    var unused = begun.thenRun(alarm);
    return new CommitCall(begun, FlightEvents.commit(group.name()));
  }

  /** Takes the outcome of a completed call, or makes the next call if there is none. */
  private void finishCommit() {
    CommitCall over = call;
    if (over == null) {
      call = call(producer.commitAgain());
      return;
    }
    call = null;
    NotCommitted failure = over.end(committing.size());
    if (failure == null) {
      acknowledged();
    } else {
      notCommitted(failure.step(), failure.cause());
    }
  }

  private void notCommitted(Step step, Throwable cause) {
    if (cause instanceof Error error) {
      becomeVoid(step, cause); // otherwise the final commit would omit these offsets
      throw error;
    }
    if (step == Step.OFFSETS && cause instanceof FencedInstanceIdException fenced) {
      becomeVoid(step, cause);
      throw fenced; // another process uses this group.instance.id: end this one
    }
    boolean inDoubt =
        step == Step.COMMIT
            && (cause instanceof TimeoutException || cause instanceof InterruptException)
            && System.nanoTime() - sinceNs <= LONGEST_COMMIT_NS;
    if (inDoubt) {
      failures.failed("The transaction is not committed yet", reason(step, cause));
      repeatAtNs = System.nanoTime() + COMMIT_RETRY_NS;
    } else {
      becomeVoid(step, cause);
    }
  }

  private void acknowledged() {
    Map<Partition, OffsetAndMetadata> done = committing;
    endTransaction(SliceState.IDLE);
    failures.succeeded();
    acknowledgedNs = System.nanoTime();
    lastNs = acknowledgedNs;
    done.forEach(Partition::acknowledged);
    Map<TopicPartition, Long> reported = new HashMap<>();
    done.forEach((partition, offset) -> reported.put(partition.id(), offset.offset()));
    observers.report(listener -> listener.committed(Map.copyOf(reported)));
  }

  private HermesException reason(Step step, Throwable cause) {
    return producer.failure(step, cause).reason();
  }

  private void endTransaction(SliceState next) {
    state = next;
    committing = Map.of();
    call = null;
    inTransaction.clear();
    taken = 0;
    full = false;
    unwritten = new UnwrittenOutputs(refused);
  }

  /** Discards everything since the last commit. */
  private void becomeVoid(Step step, Throwable failure) {
    Throwable first = unwritten.first();
    Throwable cause = first == null ? failure : first;
    int records = taken;
    endTransaction(SliceState.VOID);
    failures.aborted(records, cause, producer.failure(first == null ? step : Step.SEND, cause));
  }

  @Override
  public void abandon(Collection<Partition> leaving) {
    if (state == SliceState.OPEN && leaving.stream().anyMatch(inTransaction::contains)) {
      becomeVoid(Step.OFFSETS, new CommitFailedException());
    }
  }

  @Override
  public boolean mustStartOver() {
    return state == SliceState.VOID;
  }

  @Override
  public void startsOver() {
    state = SliceState.ABORTING;
  }

  @Override
  public void forgetPending() {
    // A transaction belongs to the producer, and is fenced by the membership its offsets name.
  }

  @Override
  public void close(long deadlineNs) {
    producer.close(deadlineNs);
  }
}
