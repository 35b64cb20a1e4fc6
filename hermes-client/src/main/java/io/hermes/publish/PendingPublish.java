package io.hermes.publish;

import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** A single event: the future that its publisher returns, and Kafka's callback, in one object. */
final class PendingPublish extends GuardedFuture<Receipt> implements Pending {

  private static final AtomicReferenceFieldUpdater<PendingPublish, Object> OUTCOME =
      AtomicReferenceFieldUpdater.newUpdater(PendingPublish.class, Object.class, "outcome");

  /** Replaces a delivered outcome, so that a future kept for long does not retain it. */
  private static final Object DELIVERED = new Object();

  private final ReturnPath back;

  private PublicationObservers.@Nullable Observed observed;
  private @Nullable Destination destination; // null until admission
  private Outstanding.@Nullable Group group;
  private int keyBytes = -1;
  private int valueBytes = -1;
  private int charge;

  // The caller's thread while inside send(), and why Kafka refused the record there.
  private @Nullable Thread sending;
  private @Nullable Exception refusal;

  // The first reported outcome: the record's metadata or an exception.
  private volatile @Nullable Object outcome;

  PendingPublish(ReturnPath back) {
    super(back.acknowledgements());
    this.back = back;
  }

  @Override
  public void observed(PublicationObservers.Observed by) {
    observed = by;
  }

  @Override
  public void admitted(Destination to, int keyBytes, int valueBytes, int charge) {
    this.destination = to;
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
    this.charge = charge;
    this.group = back.outstanding().enter();
  }

  @Override
  public int charge() {
    return charge;
  }

  int keyBytes() {
    return keyBytes;
  }

  @Override
  public void enterSend() {
    sending = Thread.currentThread();
  }

  @Override
  public @Nullable Exception leaveSend() {
    sending = null;
    return refusal;
  }

  @Override
  public void refused(PublishRejectedException why) {
    fail(why);
    leaveGroup();
  }

  /** Called by Kafka: on its I/O thread, or for some refusals on the caller's, inside send(). */
  @Override
  public void onCompletion(@Nullable RecordMetadata acknowledged, @Nullable Exception failed) {
    if (failed != null && sending == Thread.currentThread()) {
      refusal = failed;
      return;
    }
    back.acknowledgements().offer(this, failed != null ? failed : acknowledged);
  }

  @Override
  @SuppressWarnings("NullAway") // the updater's type cannot say that the field may be null
  public boolean ended(@Nullable Object reported) {
    return OUTCOME.compareAndSet(this, null, Pending.known(reported));
  }

  @Override
  public boolean isEnded() {
    return outcome != null;
  }

  @Override
  public void lost(Exception why) {
    back.acknowledgements().offerLost(this, why);
  }

  /** Completes the future, and so runs its continuations on this thread. */
  @Override
  public void deliver() {
    Object reported = outcome;
    OUTCOME.lazySet(this, DELIVERED);
    try {
      end(reported);
    } catch (Throwable e) {
      resume(e);
    } finally {
      leaveGroup();
    }
  }

  private void end(@Nullable Object reported) {
    Destination to = requireDestination();
    if (reported instanceof RecordMetadata written) {
      to.acknowledged();
      Receipt receipt = Receipt.of(written, keyBytes, valueBytes);
      if (observed != null) {
        observed.acknowledged(receipt);
      }
      complete(receipt);
    } else {
      fail(
          PublishOutcomes.afterSend(
              (Exception) reported, to.acknowledgedOnce(), back.where(), to.topic(), valueBytes));
    }
  }

  private void fail(PublishException why) {
    if (observed != null) {
      observed.failed(why);
    }
    completeExceptionally(why);
  }

  private void leaveGroup() {
    if (group != null) {
      back.outstanding().exit(group);
    }
  }

  private Destination requireDestination() {
    if (destination == null) {
      throw new IllegalStateException("An outcome was reported for an event that was never sent.");
    }
    return destination;
  }

  /** The caller stops waiting, and the outcome is still open. */
  PublishUnknownException unknown(String what, Exception cause) {
    String topic = requireDestination().topic(); // only what was sent can be waited for
    return PublishOutcomes.unknown(topic, what, null, cause);
  }

  /** For debugging; without the event. */
  @Override
  public String toString() {
    return "publish to "
        + (destination == null ? "no topic" : destination.topic())
        + (isDone() ? " (ended)" : " (on its way)");
  }
}
