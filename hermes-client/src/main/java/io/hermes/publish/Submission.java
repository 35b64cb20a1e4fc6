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
 * The way out, on the caller's thread: an event is admitted, encoded and given to Kafka's producer.
 * What is refused on it certainly has not been written. Safe for any thread.
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
   * @param pending what its outcome comes back to, also if it is refused
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

  /** Sends a tombstone, as {@link #submit}. */
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

  /** Sends a record that is encoded already, as {@link #submit}; no observer follows it. */
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

  /** Waits for room, which a recording of the Flight Recorder shows. */
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

  /** Gives an admitted record to Kafka, and its room back if Kafka refuses it here. */
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
      // It can strike at any step of send(), also after the record was taken.
      pending.lost(new KafkaException("Kafka's send() failed: " + thrown, thrown));
    } else if (refusal != null && pending.ended(refusal)) {
      admission.leave(1, charge);
      pending.refused(refused(refusal, to.topic(), valueBytes, maxWait));
    }
  }

  /**
   * Kafka's send() waits where it has no metadata of the topic or no memory. An interrupted thread
   * cannot wait: there send() fails before it has taken anything, and works where it need not wait.
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
      HermesException found = probe.look(topic);
      reason = found == null ? refusal : found;
    }
    return PublishOutcomes.beforeSend(reason, where, topic, valueBytes);
  }

  void close() {
    routes.values().forEach(TopicRoute::close);
  }
}
