package io.hermes.publish;

import io.hermes.HermesException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way: the future that its publisher hands out and Kafka's callback in one object.
 *
 * <p>Made and sent by the caller's thread, settled by Kafka's I/O thread, delivered by the
 * acknowledgement thread; each hands it over through a queue.
 */
final class PendingPublish extends CompletableFuture<Receipt> implements Callback {

  private final KafkaPublisher<?> publisher;
  private final Route<?> route;
  private final int keyBytes;
  private final int valueBytes;
  private final int charge;
  private final Outstanding.Group group;

  // The caller's thread while it is inside send(), and what Kafka told it there.
  private @Nullable Thread sending;
  private @Nullable Exception refusal;

  // What Kafka told at the end, the record's metadata or an exception; from the relay.
  private @Nullable Object outcome;

  /**
   * An event that has passed admission.
   *
   * @param charge what it was admitted with, in bytes
   */
  PendingPublish(
      KafkaPublisher<?> publisher,
      Route<?> route,
      int keyBytes,
      int valueBytes,
      int charge,
      Outstanding.Group group) {
    this.publisher = publisher;
    this.route = route;
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
    this.charge = charge;
    this.group = group;
  }

  Route<?> route() {
    return route;
  }

  int keyBytes() {
    return keyBytes;
  }

  int valueBytes() {
    return valueBytes;
  }

  int charge() {
    return charge;
  }

  Outstanding.Group group() {
    return group;
  }

  void enterSend() {
    sending = Thread.currentThread();
  }

  /** Leaves {@code send()}; returns why Kafka refused the record inside it, if it did. */
  @Nullable Exception leaveSend() {
    sending = null;
    return refusal;
  }

  /** Called by Kafka: on its I/O thread, or inside send() on the caller's for some refusals. */
  @Override
  public void onCompletion(@Nullable RecordMetadata acknowledged, @Nullable Exception failed) {
    if (failed != null && sending == Thread.currentThread()) {
      refusal = failed;
      return;
    }
    publisher.settled(this, failed != null ? failed : acknowledged);
  }

  /** How it ended; whoever takes it from the {@link Relay} tells. */
  void ended(@Nullable Object told) {
    outcome = told;
  }

  /** Completes the future, with all that continues it on this thread. */
  void deliver() {
    Object told = outcome;
    outcome = null; // the future may be kept for long
    if (told instanceof RecordMetadata written) {
      route.acknowledged();
      complete(
          new Receipt(
              written.topic(),
              written.partition(),
              written.hasOffset() ? written.offset() : -1,
              Instant.ofEpochMilli(written.timestamp()),
              keyBytes,
              valueBytes));
    } else {
      completeExceptionally(publisher.outcomeAfterSend(this, (Exception) told));
    }
    publisher.delivered(this);
  }

  @Override
  public Receipt join() {
    refuseToHang();
    return super.join();
  }

  @Override
  public Receipt get() throws InterruptedException, ExecutionException {
    refuseToHang();
    return super.get();
  }

  @Override
  public Receipt get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    refuseToHang();
    return super.get(timeout, unit);
  }

  private void refuseToHang() {
    if (!isDone() && publisher.isAcknowledgementThread()) {
      throw new HermesException(
          "A continuation waits for another receipt of the same publisher: it runs on the thread"
              + " that would have to bring it. Compose the futures, or continue with thenAcceptAsync.",
          null);
    }
  }

  /** For debugging; without the event. */
  @Override
  public String toString() {
    return "publish to " + route.topic().name() + (isDone() ? " (ended)" : " (on its way)");
  }
}
