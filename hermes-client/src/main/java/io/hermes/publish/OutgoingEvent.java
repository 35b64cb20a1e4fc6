package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.ContractException;
import io.hermes.Topic;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * An event that is about to be published, as a {@link PublisherObserver} sees it, or that a pipe's
 * handler emits.
 */
public final class OutgoingEvent {

  private final String clientId;
  private final Topic<?> topic;
  private final @Nullable Message event;
  private final Headers headers;

  /** Reads the key and value of each of the caller's headers only once. */
  OutgoingEvent(
      String clientId, Topic<?> topic, @Nullable Message event, Iterable<Header> callers) {
    this.clientId = clientId;
    this.topic = topic;
    this.event = event;
    this.headers = new ProducerRecord<>(topic.name(), null).headers(); // RecordHeaders is internal
    callers.forEach(header -> headers.add(header.key(), header.value()));
  }

  /**
   * The publisher's client id, as passed to {@link PublisherObserver#opened}; empty for an event
   * that a pipe's handler emits.
   */
  public String clientId() {
    return clientId;
  }

  /** The topic that it is published to. */
  public Topic<?> topic() {
    return topic;
  }

  /** The event; empty for a tombstone. */
  public Optional<Message> event() {
    return Optional.ofNullable(event);
  }

  /**
   * The last header of this name among the caller's and those added so far.
   *
   * @return null if there is none, or its value is null
   */
  public byte @Nullable [] header(String name) {
    Header last = headers.lastHeader(name);
    return last == null ? null : last.value();
  }

  /**
   * Adds a header to the record.
   *
   * @param name the name, not one of the contract's own headers
   * @param value its bytes, which must not be changed afterwards
   * @throws ContractException if the name belongs to the contract
   */
  public void addHeader(String name, byte[] value) {
    TopicRoute.refuseReserved(name);
    headers.add(name, value);
  }

  Headers headers() {
    return headers;
  }

  /** Topic and type; never the content. */
  @Override
  public String toString() {
    return "OutgoingEvent[" + topic + "]";
  }
}
