package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.kafka.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Publishes through one Kafka producer. The walk of an event: the caller's thread admits, encodes
 * and sends it ({@link #submit}); Kafka's I/O thread tells its outcome ({@link #settled}); the
 * acknowledgement thread gives its room back and completes its future ({@link #delivered}).
 */
final class KafkaPublisher<M extends Message> implements HermesPublisher<M> {

  private static final List<Header> NO_HEADERS = List.of();

  private final Map<Descriptor, Route<?>> routes;
  private final ReplaceableProducer producer;
  private final String where;
  private final int maxEventBytes;
  private final long maxWaitNs;
  private final Admission admission;
  private final Relay relay;
  private final Outstanding outstanding = new Outstanding();
  private final AcknowledgementThread acknowledgements;
  private final MetadataProbe probe;
  private final Shutdown shutdown;

  KafkaPublisher(
      Builder<M> builder,
      KafkaSettings settings,
      Map<Descriptor, Route<?>> routes,
      ReplaceableProducer producer) {
    this.routes = Map.copyOf(routes);
    this.producer = producer;
    this.where = settings.bootstrapServers();
    this.maxEventBytes = builder.zstd.maxEventBytes();
    this.maxWaitNs = builder.maxWait.toNanos();
    this.admission = new Admission(builder.maxRecords, builder.maxBytes);
    this.relay = new Relay(admission);
    this.acknowledgements = new AcknowledgementThread("hermes-acknowledgements", relay);
    this.probe = new MetadataProbe(settings);
    DeliveryWatch watch = new DeliveryWatch(relay, producer, builder.deliveryTimeout);
    this.shutdown = new Shutdown(producer, watch, admission, relay, outstanding, acknowledgements);
    acknowledgements.start();
    watch.start();
  }

  /** How an event waits for room and for Kafka's metadata. */
  private enum Patience {
    NONE,
    MAX_WAIT
  }

  @Override
  public CompletableFuture<Receipt> publish(M event, Iterable<Header> headers) {
    return isAcknowledgementThread()
        ? submit(event, headers, Patience.NONE, 0)
        : submit(event, headers, Patience.MAX_WAIT, maxWaitNs);
  }

  @Override
  public CompletableFuture<Receipt> tryPublish(M event) {
    return submit(event, NO_HEADERS, Patience.NONE, 0);
  }

  @Override
  public Receipt publishAndWait(M event, Duration timeout) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    Objects.requireNonNull(event, "event");
    if (isAcknowledgementThread()) {
      throw Rejections.wouldHang();
    }
    long waitNs = Math.min(maxWaitNs, Math.max(0, timeout.toNanos()));
    CompletableFuture<Receipt> receipt = submit(event, NO_HEADERS, Patience.MAX_WAIT, waitNs);
    try {
      return receipt.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PublishException outcome
          ? outcome
          : new HermesException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw unknown("No acknowledgement came within " + timeout + ".", e, receipt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown("Interrupted while it waited for the acknowledgement.", e, receipt);
    }
  }

  private static PublishUnknownException unknown(
      String what, Exception cause, CompletableFuture<Receipt> receipt) {
    PendingPublish event = (PendingPublish) receipt; // only what was sent can be waited for
    String topic = event.route().topic().name();
    return new PublishUnknownException(
        "It may or may not have been written to " + topic + ". " + what,
        cause,
        topic,
        event.keyBytes() >= 0,
        event.valueBytes());
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String key) {
    if (routes.size() != 1) {
      return CompletableFuture.failedFuture(
          Rejections.of("", "This publisher serves several types: say which one, too.", false));
    }
    Route<?> route = routes.values().iterator().next();
    return submitTombstone(route, key.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String type, byte[] key) {
    for (Route<?> route : routes.values()) {
      if (route.topic().messageType().equals(type)) {
        return submitTombstone(route, key);
      }
    }
    return CompletableFuture.failedFuture(Rejections.notServed(type, routes.values()));
  }

  private CompletableFuture<Receipt> submitTombstone(Route<?> route, byte[] key) {
    Patience patience = isAcknowledgementThread() ? Patience.NONE : Patience.MAX_WAIT;
    long waitNs = patience == Patience.NONE ? 0 : maxWaitNs;
    PublishRejectedException refused = admit(route.topic().name(), key.length, patience, waitNs);
    if (refused != null) {
      return CompletableFuture.failedFuture(refused);
    }
    try {
      return send(route, route.tombstone(key), key.length, patience);
    } catch (RuntimeException | Error e) {
      admission.leave(1, key.length);
      return CompletableFuture.failedFuture(
          Outcomes.beforeSend(e, where, route.topic().name(), key.length > 0, -1));
    }
  }

  private CompletableFuture<Receipt> submit(
      M event, Iterable<Header> headers, Patience patience, long waitNs) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(headers, "headers");
    Route<?> route = routes.get(event.getDescriptorForType());
    if (route == null) {
      String type = event.getDescriptorForType().getFullName();
      return CompletableFuture.failedFuture(Rejections.notServed(type, routes.values()));
    }
    String topic = route.topic().name();
    int size = event.getSerializedSize();
    if (size > maxEventBytes) {
      return CompletableFuture.failedFuture(Rejections.tooLarge(topic, size, maxEventBytes));
    }
    PublishRejectedException refused = admit(topic, size, patience, waitNs);
    if (refused != null) {
      return CompletableFuture.failedFuture(refused);
    }
    ProducerRecord<byte[], byte[]> record;
    try {
      record = route.record(event, headers);
    } catch (RuntimeException | Error e) {
      admission.leave(1, size);
      return CompletableFuture.failedFuture(Outcomes.beforeSend(e, where, topic, false, -1));
    }
    return send(route, record, size, patience);
  }

  private @Nullable PublishRejectedException admit(
      String topic, int bytes, Patience patience, long waitNs) {
    try {
      if (shutdown.hasBegun()) {
        return Rejections.closed(topic);
      }
      boolean entered =
          patience == Patience.NONE ? admission.tryEnter(bytes) : admission.enter(bytes, waitNs);
      if (entered) {
        return null;
      }
      return shutdown.hasBegun()
          ? Rejections.closed(topic)
          : Rejections.full(topic, admission, relay, waitNs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcomes.beforeSend(e, where, topic, false, -1);
    }
  }

  /** Sends an admitted record, and gives its room back if Kafka refuses it here. */
  private CompletableFuture<Receipt> send(
      Route<?> route, ProducerRecord<byte[], byte[]> record, int charge, Patience patience) {
    int keyBytes = record.key() == null ? -1 : record.key().length;
    int valueBytes = record.value() == null ? -1 : record.value().length;
    PendingPublish event =
        new PendingPublish(this, route, keyBytes, valueBytes, charge, outstanding.enter());
    Throwable thrown = null;
    event.enterSend();
    try {
      if (patience == Patience.NONE) {
        sendWithoutWaiting(record, event);
      } else {
        producer.send(record, event);
      }
    } catch (RuntimeException | Error e) {
      thrown = e;
    }
    Exception told = event.leaveSend();
    Throwable refusal = thrown != null ? thrown : told;
    if (refusal != null) {
      admission.leave(1, charge);
      event.completeExceptionally(refused(refusal, event, patience));
      outstanding.exit(event.group());
    }
    return event;
  }

  /**
   * Kafka's send() waits where it has no metadata of the topic or no memory. An interrupted thread
   * cannot wait: there send() fails before it has taken anything, and works where it need not wait.
   */
  private void sendWithoutWaiting(ProducerRecord<byte[], byte[]> record, PendingPublish event) {
    boolean interrupted = Thread.currentThread().isInterrupted();
    Thread.currentThread().interrupt();
    try {
      producer.send(record, event);
    } finally {
      if (!interrupted) {
        Thread.interrupted();
      }
    }
  }

  private PublishRejectedException refused(
      Throwable refusal, PendingPublish event, Patience patience) {
    String topic = event.route().topic().name();
    if (shutdown.hasBegun()) {
      return Rejections.closed(topic);
    }
    if (patience == Patience.NONE && refusal instanceof InterruptException) {
      return Rejections.notReady(topic);
    }
    Throwable reason = refusal;
    if (refusal instanceof org.apache.kafka.common.errors.TimeoutException) {
      HermesException found = probe.look(topic);
      reason = found == null ? refusal : found;
    }
    return Outcomes.beforeSend(reason, where, topic, event.keyBytes() >= 0, event.valueBytes());
  }

  /** On Kafka's I/O thread: an event's outcome is known. Nothing of the user's runs here. */
  void settled(PendingPublish event, @Nullable Object outcome) {
    acknowledgements.offer(event, outcome);
  }

  /**
   * On the acknowledgement thread: an event's future is complete and its continuations have run.
   */
  void delivered(PendingPublish event) {
    outstanding.exit(event.group());
  }

  PublishException outcomeAfterSend(PendingPublish event, @Nullable Exception failure) {
    return Outcomes.afterSend(
        failure,
        event.route().acknowledgedOnce(),
        where,
        event.route().topic().name(),
        event.keyBytes() >= 0,
        event.valueBytes());
  }

  boolean isAcknowledgementThread() {
    return acknowledgements.isCurrent();
  }

  @Override
  public void flush(Duration timeout) {
    if (isAcknowledgementThread()) {
      throw new HermesException(
          "flush in a continuation of this publisher's futures could only hang.", null);
    }
    try {
      if (!outstanding.await(timeout.toNanos())) {
        throw new HermesException(
            "After " + timeout + " " + outstanding.count() + " events still have no outcome.",
            null,
            true);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HermesException(
          "Interrupted; " + outstanding.count() + " events still have no outcome.", e, true);
    }
  }

  @Override
  public void close(Duration timeout) {
    shutdown.run(timeout);
    routes.values().forEach(Route::close);
  }

  @Override
  public String toString() {
    return "HermesPublisher[" + routes.values().stream().map(Route::topic).toList() + "]";
  }
}
