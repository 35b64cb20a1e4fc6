package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.publish.BulkResult.Failure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * One {@code publishAll}. The caller's thread takes events from the source and submits them.
 * Kafka's I/O thread counts acknowledged events, and hands them to no other thread unless an
 * observer follows them. The acknowledgement thread records the other outcomes. Whichever of the
 * three ends the last event completes the future: the caller's thread before it returns the future,
 * Kafka's I/O thread by handing the event over to the acknowledgement thread.
 */
final class Bulk {

  /** The bulk stops at this many failures, which bounds the size of its result. */
  static final int MAX_FAILURES = 1_000;

  private static final int FAR = 16;

  private static final AtomicReferenceFieldUpdater<BulkEvent, Object> OUTCOME =
      AtomicReferenceFieldUpdater.newUpdater(BulkEvent.class, Object.class, "outcome");

  /** Outcomes: of an event that needs no delivery, and of the event that ended the bulk. */
  private static final Object ACKNOWLEDGED = new Object();

  private static final Object LAST = new Object();

  private final ReturnPath back;
  private final Thread caller = Thread.currentThread();
  private final Outstanding.Group group;
  private final GuardedFuture<BulkResult> future;

  private final BulkCount count = new BulkCount();
  private final List<Failure> failures = new ArrayList<>(); // guarded by itself
  private volatile int failed; // the number of failures; written with them
  private @Nullable HermesException stopped; // written before the count gets its total

  /**
   * Used only by the caller's thread: the index of the event inside send(), or -1. It is written
   * for each event, so padding keeps it away from the fields that Kafka's I/O thread reads.
   */
  private final long[] sending = new long[2 * FAR];

  // Used only by the caller's thread, and written only for failures.
  private @Nullable Exception refusal; // why Kafka refused the event inside send()
  private @Nullable PublishRejectedException refused; // the last event, if refused

  Bulk(ReturnPath back) {
    this.back = back;
    this.group = back.outstanding().enter();
    this.future = new GuardedFuture<>(back.acknowledgements());
    this.sending[FAR] = -1;
  }

  /** How one item of the source is submitted: an event, or an already encoded record. */
  interface Way<S> {
    void submit(S next, Iterable<Header> headers, Pending pending);
  }

  /** Publishes the whole source, or until the bulk has to stop. */
  <S> CompletableFuture<BulkResult> run(
      Iterator<? extends S> source,
      Function<? super S, ? extends Iterable<Header>> headers,
      Way<S> way,
      BooleanSupplier closed) {
    long taken = 0;
    HermesException reason = null;
    try {
      while ((reason = reasonToStop(taken, closed)) == null && source.hasNext()) {
        S event = Objects.requireNonNull(source.next(), "event");
        Iterable<Header> more = Objects.requireNonNull(headers.apply(event), "headers");
        if (refused != null) {
          refused = null;
        }
        way.submit(event, more, new BulkEvent(taken++));
      }
    } catch (Exception e) { // also checked exceptions, which other JVM languages throw anywhere
      reason = new HermesException("The source failed after " + taken + " events.", e);
    } finally {
      takesNoMore(taken, reason);
    }
    return future;
  }

  private @Nullable HermesException reasonToStop(long taken, BooleanSupplier closed) {
    PublishRejectedException last = refused;
    if (last != null && last.isRetryable()) {
      return last; // the publisher cannot take events now, so the next would wait just as long
    }
    if (closed.getAsBoolean()) {
      return new HermesException(
          "The publisher was closed after " + taken + " events of the source.", null);
    }
    if (caller.isInterrupted()) {
      return new HermesException("Interrupted after " + taken + " events of the source.", null);
    }
    return failed < MAX_FAILURES ? null : tooManyFailures(taken);
  }

  private HermesException tooManyFailures(long taken) {
    synchronized (failures) {
      return new HermesException(
          failures.size() + " of the first " + taken + " events were not acknowledged.",
          failures.get(0).exception());
    }
  }

  private void takesNoMore(long taken, @Nullable HermesException reason) {
    stopped = reason;
    if (count.total(taken)) {
      complete();
    }
  }

  private void complete() {
    List<Failure> all;
    synchronized (failures) {
      all = new ArrayList<>(failures);
    }
    all.sort(Comparator.comparingLong(Failure::index));
    BulkResult result =
        new BulkResult(
            count.total(),
            count.total() - all.size(),
            List.copyOf(all),
            Optional.ofNullable(stopped));
    try {
      future.complete(result);
    } catch (Throwable e) {
      future.resume(e);
    }
    back.outstanding().exit(group);
  }

  /** One of its events. */
  private final class BulkEvent implements Pending {

    private final long index;
    private PublicationObservers.@Nullable Observed observed;
    private @Nullable Destination destination; // null until admission
    private int keyBytes;
    private int valueBytes;
    private int charge;
    private volatile @Nullable Object outcome; // the first reported one

    BulkEvent(long index) {
      this.index = index;
    }

    @Override
    public void observed(PublicationObservers.Observed by) {
      observed = by;
    }

    @Override
    public void admitted(Destination to, int keySize, int valueSize, int room) {
      this.destination = to;
      this.keyBytes = keySize;
      this.valueBytes = valueSize;
      this.charge = room;
    }

    @Override
    public void enterSend() {
      sending[FAR] = index;
    }

    @Override
    public @Nullable Exception leaveSend() {
      sending[FAR] = -1;
      Exception why = refusal;
      if (why != null) {
        refusal = null;
      }
      return why;
    }

    @Override
    public void refused(PublishRejectedException why) {
      refused = why;
      failed(why);
      count.endsLast(); // always false: the caller's thread has not set the total yet
    }

    /** Called by Kafka: on its I/O thread, or for some refusals on the caller's, inside send(). */
    @Override
    public void onCompletion(@Nullable RecordMetadata acknowledged, @Nullable Exception failure) {
      if (failure != null && Thread.currentThread() == caller && sending[FAR] == index) {
        refusal = failure;
      } else if (failure != null || acknowledged == null) {
        back.acknowledgements().offer(this, failure);
      } else if (observed != null) {
        back.acknowledgements().offer(this, acknowledged);
      } else if (ended(ACKNOWLEDGED)) {
        destination().acknowledged();
        if (count.endsLast()) {
          back.acknowledgements().offer(this, LAST);
        } else {
          back.relay().pass(charge);
        }
      }
    }

    @Override
    public int charge() {
      return charge;
    }

    @Override
    @SuppressWarnings("NullAway") // the updater's type cannot say that the field may be null
    public boolean ended(@Nullable Object reported) {
      Object before = reported == LAST ? ACKNOWLEDGED : null;
      return OUTCOME.compareAndSet(this, before, Pending.known(reported));
    }

    @Override
    public boolean isEnded() {
      return outcome != null;
    }

    @Override
    public void lost(Exception why) {
      back.acknowledgements().offerLost(this, why);
    }

    /** A failure, an event that is observed, or the last one, which completes the future. */
    @Override
    public void deliver() {
      if (outcome == LAST) {
        complete();
        return;
      }
      if (outcome instanceof RecordMetadata written && observed != null) {
        destination().acknowledged();
        observed.acknowledged(Receipt.of(written, keyBytes, valueBytes));
      } else {
        failed(failure());
      }
      if (count.endsLast()) {
        complete();
      }
    }

    private PublishException failure() {
      Destination to = destination();
      return PublishOutcomes.afterSend(
          (Exception) outcome, to.acknowledgedOnce(), back.where(), to.topic(), valueBytes);
    }

    private void failed(PublishException exception) {
      if (observed != null) {
        observed.failed(exception);
      }
      synchronized (failures) {
        failures.add(new Failure(index, exception));
        failed = failures.size();
      }
    }

    private Destination destination() {
      if (destination == null) {
        throw new IllegalStateException(
            "An outcome was reported for an event that was never sent.");
      }
      return destination;
    }
  }
}
