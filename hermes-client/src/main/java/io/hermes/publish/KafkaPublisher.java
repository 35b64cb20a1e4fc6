package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.Words;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes through one Kafka producer. The caller's thread admits, encodes and sends an event
 * ({@link Submission}). Kafka's I/O thread reports its outcome ({@link Pending}). The
 * acknowledgement thread releases its room and completes its future. A {@link Bulk} follows the
 * same path with many events and one future.
 */
final class KafkaPublisher<M extends Message> implements HermesPublisher<M> {

  private static final List<Header> NO_HEADERS = List.of();

  private final PublisherConfig config;
  private final Submission submission;
  private final ReturnPath back;
  private final MaxWait maxWait;
  private final Admission admission;
  private final Faults faults;
  private final BrokerWatch brokers;
  private final Shutdown shutdown;
  private final PublicationObservers observers;

  KafkaPublisher(
      PublisherConfig config,
      Map<Descriptor, TopicRoute<?>> routes,
      ReplaceableProducer producer,
      Duration quiet) {
    this.config = config;
    this.maxWait = new MaxWait(true, Timeouts.nanos(config.maxWait()));
    this.admission = new Admission(config.maxRecords(), config.maxBytes());
    KafkaSettings settings = config.settings();
    Relay relay = new Relay(admission);
    AcknowledgementThread acknowledgements =
        new AcknowledgementThread("hermes-acknowledgements", producer.owner(), relay);
    Outstanding outstanding = new Outstanding();
    this.back = new ReturnPath(acknowledgements, relay, outstanding, settings.bootstrapServers());
    MetadataProbe probe = new MetadataProbe(settings);
    Logger log = LoggerFactory.getLogger("io.hermes.publish");
    this.faults = new Faults(producer.owner(), log);
    this.observers = PublicationObservers.of(config.observers(), producer.owner(), log);
    this.brokers =
        new BrokerWatch(
            producer::metrics, probe::brokers, faults, settings.bootstrapServers(), quiet);
    DeliveryWatch watch =
        new DeliveryWatch(relay, producer, brokers, faults, config.deliveryTimeout());
    this.shutdown = new Shutdown(producer, watch, admission, relay, outstanding, acknowledgements);
    this.submission = new Submission(routes, producer, relay, probe, observers, shutdown::hasBegun);
    acknowledgements.start();
    watch.start();
  }

  /** Notifies the observers that the publisher is open. */
  KafkaPublisher<M> opened(String clientId) {
    observers.opened(clientId, config.topics(), this::health);
    return this;
  }

  @Override
  public CompletableFuture<Receipt> publish(M event, Iterable<Header> headers) {
    return publish(event, headers, allowedWait());
  }

  @Override
  public CompletableFuture<Receipt> tryPublish(M event) {
    return publish(event, NO_HEADERS, MaxWait.NONE);
  }

  private PendingPublish publish(M event, Iterable<Header> headers, MaxWait maxWait) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(headers, "headers");
    PendingPublish pending = new PendingPublish(back);
    submission.submit(event, headers, pending, maxWait);
    return pending;
  }

  /** None on the acknowledgement thread, where a wait would deadlock. */
  private MaxWait allowedWait() {
    return isAcknowledgementThread() ? MaxWait.NONE : maxWait;
  }

  @Override
  public CompletableFuture<BulkResult> publishAll(
      Iterator<? extends M> events, Function<? super M, ? extends Iterable<Header>> headers) {
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(headers, "headers");
    MaxWait wait = allowedWait();
    Bulk.Way<M> way = (event, more, pending) -> submission.submit(event, more, pending, wait);
    return new Bulk(back).run(events, headers, way, submission::isClosed);
  }

  /** Like {@link #publishAll}, for already encoded records. */
  CompletableFuture<BulkResult> publishRecords(Iterator<ProducerRecord<byte[], byte[]>> records) {
    MaxWait wait = allowedWait();
    Bulk.Way<ProducerRecord<byte[], byte[]>> way =
        (record, none, pending) -> submission.submitRecord(record, pending, wait);
    return new Bulk(back).run(records, record -> NO_HEADERS, way, submission::isClosed);
  }

  @Override
  public Receipt publishAndWait(M event, Duration timeout) {
    long timeoutNs = Timeouts.nanos(timeout);
    long deadlineNs = System.nanoTime() + timeoutNs;
    Objects.requireNonNull(event, "event");
    if (isAcknowledgementThread()) {
      throw Rejections.wouldHang();
    }
    long roomNs = Math.min(maxWait.roomNs(), timeoutNs);
    PendingPublish receipt = publish(event, NO_HEADERS, new MaxWait(true, roomNs));
    try {
      return receipt.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PublishException outcome
          ? outcome
          : new HermesException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw receipt.unknown(
          "No acknowledgement arrived within " + Words.duration(timeout) + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw receipt.unknown("Interrupted while waiting for the acknowledgement.", e);
    }
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String key) {
    Collection<TopicRoute<?>> routes = submission.routes().values();
    if (routes.size() != 1) {
      return CompletableFuture.failedFuture(
          Rejections.of(
              "",
              "This publisher serves several types.",
              "Pass the message type as well.",
              null,
              false));
    }
    return publishTombstone(routes.iterator().next(), key.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String type, byte[] key) {
    for (TopicRoute<?> route : submission.routes().values()) {
      if (route.topic().messageType().equals(type)) {
        return publishTombstone(route, key);
      }
    }
    return CompletableFuture.failedFuture(Rejections.notServed(type, submission.routes().keySet()));
  }

  private CompletableFuture<Receipt> publishTombstone(TopicRoute<?> route, byte[] key) {
    PendingPublish pending = new PendingPublish(back);
    submission.submitTombstone(route, key, pending, allowedWait());
    return pending;
  }

  private boolean isAcknowledgementThread() {
    return back.acknowledgements().isCurrent();
  }

  @Override
  public void flush(Duration timeout) {
    if (isAcknowledgementThread()) {
      throw new HermesException(
          "flush would deadlock in a continuation of this publisher's futures.",
          "Call it on another thread.",
          null);
    }
    try {
      if (!back.outstanding().await(Timeouts.nanos(timeout))) {
        throw new HermesException(
            "After "
                + Words.duration(timeout)
                + " there is no outcome yet for "
                + Words.count(back.outstanding().count(), "event")
                + ".",
            null,
            true);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HermesException(
          "Interrupted; there is no outcome yet for "
              + Words.count(back.outstanding().count(), "event")
              + ".",
          e,
          true);
    }
  }

  @Override
  public PublisherHealth health() {
    boolean closed = shutdown.hasBegun();
    return new PublisherHealth(
        closed ? PublisherHealth.State.CLOSED : PublisherHealth.State.OPEN,
        closed ? List.of() : faults.current(),
        brokers.sinceResponse(),
        admission.records(),
        admission.bytes(),
        observers.failures(),
        Optional.empty());
  }

  @Override
  public PublisherConfig config() {
    return config;
  }

  @Override
  public void close(Duration timeout) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    shutdown.run(timeout);
    submission.close();
    observers.closed(deadlineNs);
  }

  @Override
  public String toString() {
    return "HermesPublisher"
        + submission.routes().values().stream().map(TopicRoute::topic).toList();
  }
}
