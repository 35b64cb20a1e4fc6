package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.FlightEvents.Timed;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commits of a pipe: what its handlers have emitted, its dead letters and its offsets, in one
 * transaction for each slice of time. Only the poll thread; but Kafka's I/O thread reports records
 * that were not written.
 *
 * <p>The poll thread sends what a handler has emitted once the handler has returned. So a
 * transaction holds whole results only, no handler is ever waited for, and a record whose handler
 * takes long, or that waits for its retry, belongs to a later transaction.
 *
 * <p>Nothing here needs to know how a transaction ended. If that is in doubt, the transaction is
 * aborted, or a producer with the same transactional id takes its place, for which the coordinator
 * first ends whatever was open. Then all partitions start over at what the group has committed.
 */
final class SliceCommitter implements Committer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final String FAULT = "commit";
  private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMMIT_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** The coordinator has ended the transaction by then, or will tell the next producer. */
  private static final long LONGEST_COMMIT_NS = TimeUnit.SECONDS.toNanos(30);

  private static final int MOST_DOUBLINGS = 6;

  /** How many records may finish before they are sent, so that a commit finds few to send. */
  private static final int SENT_TOGETHER = 250;

  private final PipeProducer producer;
  private final Member member;
  private final Group group;
  private final Limits limits;
  private final Faults faults;
  private final Observers observers;
  private final RefusedOutputs refused;
  private final Set<Partition> inTransaction = new HashSet<>();

  /** Why a record of this transaction was not written. Late reports go to that of their own. */
  private AtomicReference<@Nullable Throwable> notWritten = new AtomicReference<>();

  private State state = State.IDLE;
  private Map<Partition, OffsetAndMetadata> committing = Map.of();
  private boolean full;
  private int taken;
  private long sinceNs; // of the transaction, or of the commit
  private long lastNs = System.nanoTime(); // the last commit, or look for one
  private long acknowledgedNs = lastNs;
  private long retryAtNs = lastNs;
  private int failuresInARow;

  /**
   * When a transaction is committed.
   *
   * @param maxSlice at the latest so long after it began
   * @param maxEvents at the latest with so many records
   * @param confirmation after how long without a commit a partition's offset is committed anew, as
   *     in {@link OffsetCommitter.Pace}
   * @param pause how long to wait after the first failure in a row
   */
  record Limits(Duration maxSlice, int maxEvents, Duration confirmation, Duration pause) {}

  private enum State {
    /** There is no transaction. */
    IDLE,
    /** There is one, which takes results. */
    OPEN,
    /** It is being committed, and nobody knows yet whether it is. */
    COMMITTING,
    /** It must not be committed, and the partitions do not know that yet. */
    VOID,
    /** The partitions have been given up; what is left of the transaction has to end. */
    ABORTING
  }

  SliceCommitter(
      PipeProducer producer,
      Member member,
      Group group,
      Limits limits,
      RefusedOutputs refused,
      Faults faults,
      Observers observers) {
    this.producer = producer;
    this.member = member;
    this.group = group;
    this.limits = limits;
    this.refused = refused;
    this.faults = faults;
    this.observers = observers;
  }

  @Override
  public void open() {
    try {
      producer.renew();
    } catch (TimeoutException e) {
      // The brokers respond, the coordinator of the transactions does not: prepare() waits for it.
      failed("The pipe has no producer", producer.reason(Step.INIT, e));
    } catch (RuntimeException e) {
      throw producer.reason(Step.INIT, e);
    }
  }

  @Override
  public void prepare(long nowNs) {
    if (state == State.ABORTING) {
      producer.abort();
      state = State.IDLE;
    }
    if (!producer.exists() && nowNs - retryAtNs >= 0) {
      try {
        producer.renew();
      } catch (RuntimeException e) {
        failed("The pipe has no producer", producer.reason(Step.INIT, e));
      }
    }
  }

  @Override
  public boolean isReady() {
    return producer.exists() && (state == State.IDLE || state == State.OPEN);
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
    full |= !room;
    return room;
  }

  @Override
  public boolean takes(WorkItem item) {
    if (!isReady()) {
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
      refused.forget(item); // it is in there as a dead letter, or skipped
    }
    inTransaction.add(item.partition);
    taken++;
    return true;
  }

  private void send(WorkItem item) {
    AtomicReference<@Nullable Throwable> failures = notWritten;
    Scope scope = item.openSendingScope();
    try {
      for (ProducerRecord<byte[], byte[]> output : item.outputs) {
        producer.send(
            output,
            (metadata, failure) -> {
              // Kafka's I/O thread, or this one inside send
              if (failure != null && failures.compareAndSet(null, failure)) {
                refused.add(item, output.topic(), failure);
              }
            });
      }
    } finally {
      scope.close();
    }
  }

  private void begin() {
    if (state == State.IDLE) {
      producer.begin();
      state = State.OPEN;
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
      case COMMITTING -> Math.max(0, retryAtNs - nowNs);
      case VOID, ABORTING -> 0;
      case IDLE, OPEN -> {
        if (full || taken >= limits.maxEvents || notWritten.get() != null) {
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
    if (state == State.COMMITTING) {
      finishCommit();
    } else if (isReady()) {
      lastNs = nowNs;
      if (owned.isEmpty()) {
        faults.end(FAULT); // those that have the partitions now commit them
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

  /** What is in the transaction is of other partitions, too. */
  @Override
  public boolean commitNow(Collection<Partition> leaving, long deadlineNs) {
    long untilNs = Math.min(deadlineNs, System.nanoTime() + TIMEOUT_NS);
    if (isReady()) {
      Set<Partition> all = new HashSet<>(inTransaction);
      all.addAll(leaving);
      Map<Partition, OffsetAndMetadata> due = OffsetCommitter.uncommitted(all);
      if (!due.isEmpty()) {
        commit(due);
      }
    }
    while (state == State.COMMITTING && System.nanoTime() - untilNs < 0) {
      finishCommit();
    }
    return true;
  }

  private void commit(Map<Partition, OffsetAndMetadata> due) {
    try {
      begin();
      producer.add(OffsetCommitter.offsets(due), member.consumer().groupMetadata());
    } catch (FencedInstanceIdException e) {
      throw e; // another process has this static member's name: this one is to end
    } catch (RuntimeException e) {
      becomeVoid(Step.OFFSETS, e);
      return;
    }
    committing = due;
    state = State.COMMITTING;
    sinceNs = System.nanoTime();
    finishCommit();
  }

  private void finishCommit() {
    Timed recorded = FlightEvents.commit(group.name());
    String result = "failed";
    int partitions = committing.size();
    try {
      producer.commit();
      result = "acknowledged";
      acknowledged();
    } catch (TimeoutException | InterruptException e) {
      if (System.nanoTime() - sinceNs > LONGEST_COMMIT_NS) {
        becomeVoid(Step.COMMIT, e);
      } else {
        failed("The transaction is not committed yet", producer.reason(Step.COMMIT, e));
        retryAtNs = System.nanoTime() + COMMIT_RETRY_NS;
      }
    } catch (RuntimeException e) {
      becomeVoid(Step.COMMIT, e);
    } finally {
      recorded.ended(result, partitions);
    }
  }

  private void acknowledged() {
    Map<Partition, OffsetAndMetadata> done = committing;
    endTransaction(State.IDLE);
    failuresInARow = 0;
    faults.end(FAULT);
    acknowledgedNs = System.nanoTime();
    lastNs = acknowledgedNs;
    done.forEach(Partition::acknowledged);
    Map<TopicPartition, Long> told = new HashMap<>();
    done.forEach((partition, offset) -> told.put(partition.id(), offset.offset()));
    observers.tell(listener -> listener.committed(Map.copyOf(told)));
  }

  private void endTransaction(State next) {
    state = next;
    committing = Map.of();
    inTransaction.clear();
    taken = 0;
    full = false;
    notWritten = new AtomicReference<>();
  }

  /** Nothing since the last commit counts. */
  private void becomeVoid(Step step, Exception failure) {
    Throwable first = notWritten.get();
    Throwable cause = first == null ? failure : first;
    int records = taken;
    endTransaction(State.VOID);
    if (cause instanceof CommitFailedException || cause instanceof RebalanceInProgressException) {
      LOG.info(
          "Group {}: the group has assigned partitions to other members, so a transaction with {}"
              + " records is aborted, and they are handled again",
          group.name(),
          records);
      return;
    }
    LOG.info(
        "Group {}: a transaction with {} records is aborted, and they are handled again: {}",
        group.name(),
        records,
        Thrown.describe(cause));
    failed("A transaction was aborted", producer.reason(first == null ? step : Step.SEND, cause));
  }

  private void failed(String what, HermesException cause) {
    retryAtNs =
        System.nanoTime() + (limits.pause.toNanos() << Math.min(failuresInARow++, MOST_DOUBLINGS));
    String problem = what + " in group " + group.name() + ": " + Thrown.message(cause);
    Fault fault = Fault.of(Fault.Kind.COMMIT, problem, "Hermes retries until it succeeds.");
    faults.begin(FAULT, fault.ofGroup(group.name()), cause);
  }

  @Override
  public void abandon(Collection<Partition> leaving) {
    if (state == State.OPEN && leaving.stream().anyMatch(inTransaction::contains)) {
      becomeVoid(Step.OFFSETS, new CommitFailedException());
    }
  }

  @Override
  public boolean mustStartOver() {
    return state == State.VOID;
  }

  @Override
  public void startsOver() {
    state = State.ABORTING;
  }

  @Override
  public void forgetPending() {
    // A transaction is the producer's, and fenced by the membership that its offsets name.
  }

  @Override
  public void close(long deadlineNs) {
    producer.close(deadlineNs);
  }
}
