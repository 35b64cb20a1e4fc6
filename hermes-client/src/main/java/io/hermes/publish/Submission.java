package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.kafka.FlightRecording;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Admits an event, encodes it and passes it to Kafka's producer, on the caller's thread. An event
 * refused here was definitely not written. Safe for any thread.
 */
final class Submission {

  private final Map<Descriptor, TopicRoute<?>> routes;
  private final Map<String, Destination> destinations = new ConcurrentHashMap<>(); // of records
  private final ReplaceableProducer producer;
  private final Admission admission;
  private final Relay relay;
  private final MetadataProbe probe;
  private final PublicationObservers observers;
  private final String where;
  private final BooleanSupplier closed;

  Submission(
      Map<Descriptor, TopicRoute<?>> routes,
      ReplaceableProducer producer,
      Relay relay,
      MetadataProbe probe,
      PublicationObservers observers,
      BooleanSupplier closed) {
    this.routes = Map.copyOf(routes);
    this.producer = producer;
    this.admission = relay.admission();
    this.relay = relay;
    this.probe = probe;
    this.observers = observers;
    this.where = probe.where();
    this.closed = closed;
  }

  Map<Descriptor, TopicRoute<?>> routes() {
    return routes;
  }

  boolean isClosed() {
    return closed.getAsBoolean();
  }

  /**
   * Sends an event.
   *
   * @param pending receives the outcome, including a refusal
   */
  void submit(Message event, Iterable<Header> headers, Pending pending, MaxWait maxWait) {
    TopicRoute<?> route = routes.get(event.getDescriptorForType());
    if (route == null) {
      String type = event.getDescriptorForType().getFullName();
      pending.refused(Rejections.notServed(type, routes.keySet()));
      return;
    }
    submit(route, event, TopicRoute.NO_KEY, headers, pending, maxWait);
  }

  /** Sends a tombstone. See {@link #submit}. */
  void submitTombstone(TopicRoute<?> route, byte[] key, Pending pending, MaxWait maxWait) {
    submit(route, null, key, List.of(), pending, maxWait);
  }

  private void submit(
      TopicRoute<?> route,
      @Nullable Message event,
      byte[] key,
      Iterable<Header> headers,
      Pending pending,
      MaxWait maxWait) {
    String topic = route.topic().name();
    PublicationObservers.Observed observed;
    int size;
    try {
      observed = observers.begin(route.topic(), event, headers);
      if (observed != null && observed.isFollowed()) {
        pending.observed(observed);
      }
      size = route.size(event, key);
    } catch (Throwable e) {
      pending.refused(PublishOutcomes.unencodable(e, topic));
      return;
    }
    PublishRejectedException refusal = admit(topic, size, maxWait);
    if (refusal != null) {
      pending.refused(refusal);
      return;
    }
    ProducerRecord<byte[], byte[]> record;
    try {
      record = route.record(event, key, observed == null ? headers : observed.headers());
    } catch (Throwable e) {
      admission.leave(1, size);
      pending.refused(PublishOutcomes.unencodable(e, topic));
      return;
    }
    send(route.destination(), record, size, pending, observed, maxWait);
  }

  /** Sends an already encoded record, like {@link #submit}; no observer follows it. */
  void submitRecord(ProducerRecord<byte[], byte[]> record, Pending pending, MaxWait maxWait) {
    Destination to = destinations.computeIfAbsent(record.topic(), Destination::new);
    int size = length(record.key()) + length(record.value());
    PublishRejectedException refusal = admit(to.topic(), size, maxWait);
    if (refusal != null) {
      pending.refused(refusal);
      return;
    }
    send(to, record, size, pending, null, maxWait);
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private @Nullable PublishRejectedException admit(String topic, int bytes, MaxWait maxWait) {
    try {
      if (isClosed()) {
        return Rejections.closed(topic);
      }
      if (admission.tryEnter(bytes) || (maxWait.waits() && enter(topic, bytes, maxWait))) {
        return null;
      }
      return isClosed()
          ? Rejections.closed(topic)
          : Rejections.full(topic, admission, relay.waiting(), maxWait.roomNs());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PublishOutcomes.beforeSend(e, where, topic, -1);
    }
  }

  /** Waits for room, and records the wait in the Flight Recorder. */
  private boolean enter(String topic, int bytes, MaxWait maxWait) throws InterruptedException {
    if (!FlightRecording.isPresent()) {
      return admission.enter(bytes, maxWait.roomNs());
    }
    PublisherWaitEvent event = new PublisherWaitEvent();
    event.begin();
    try {
      event.admitted = admission.enter(bytes, maxWait.roomNs());
      return event.admitted;
    } finally {
      event.topic = topic;
      event.bytes = bytes;
      event.commit();
    }
  }

  /** Passes an admitted record to Kafka, and releases its room if Kafka refuses it here. */
  private void send(
      Destination to,
      ProducerRecord<byte[], byte[]> record,
      int charge,
      Pending pending,
      PublicationObservers.@Nullable Observed observed,
      MaxWait maxWait) {
    int keyBytes = record.key() == null ? -1 : record.key().length;
    int valueBytes = record.value() == null ? -1 : record.value().length;
    pending.admitted(to, keyBytes, valueBytes, charge);
    Throwable thrown = null;
    Runnable sent = observed == null ? null : observed.sending();
    pending.enterSend();
    try {
      if (maxWait.waits()) {
        producer.send(record, pending);
      } else {
        sendWithoutWaiting(record, pending);
      }
    } catch (Throwable e) {
      thrown = e;
    }
    Exception reported = pending.leaveSend();
    if (sent != null) {
      sent.run();
    }
    Throwable refusal = thrown != null ? thrown : reported;
    if (thrown instanceof VirtualMachineError) {
      // It can occur at any point in send(), even after the record was accepted.
      pending.lost(new KafkaException("Kafka's send() failed: " + thrown, thrown));
    } else if (refusal != null && pending.ended(refusal)) {
      admission.leave(1, charge);
      pending.refused(refused(refusal, to.topic(), valueBytes, maxWait));
    }
  }

  /**
   * Kafka's send() waits if it has no metadata for the topic or no memory. On an interrupted thread
   * it fails instead of waiting, before it has accepted the record, and works if it need not wait.
   */
  private void sendWithoutWaiting(ProducerRecord<byte[], byte[]> record, Pending pending) {
    boolean interrupted = Thread.currentThread().isInterrupted();
    Thread.currentThread().interrupt();
    try {
      producer.send(record, pending);
    } finally {
      if (!interrupted) {
        Thread.interrupted();
      }
    }
  }

  private PublishRejectedException refused(
      Throwable refusal, String topic, int valueBytes, MaxWait maxWait) {
    if (isClosed()) {
      return Rejections.closed(topic);
    }
    if (!maxWait.waits() && refusal instanceof InterruptException) {
      return Rejections.notReady(topic);
    }
    Throwable reason = refusal;
    if (refusal instanceof TimeoutException) {
      HermesException found = probe.check(topic);
      reason = found == null ? refusal : found;
    }
    return PublishOutcomes.beforeSend(reason, where, topic, valueBytes);
  }

  void close() {
    routes.values().forEach(TopicRoute::close);
  }
}
