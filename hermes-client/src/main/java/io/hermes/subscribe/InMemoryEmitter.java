package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.codec.ZstdOptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * An emitter for unit tests of a pipe's handler, without Kafka: it keeps what is emitted.
 *
 * <pre>{@code
 * try (InMemoryEmitter out = InMemoryEmitter.of(PaymentEvent.class)) {
 *   handler.handle(Delivery.of(Topic.of(OrderPlaced.class), order), out);
 *   assertThat(out.events()).containsExactly(payment);
 * }
 * }</pre>
 *
 * <p>It is the emitter that a {@link HermesPipe} passes to its handler. So it checks types,
 * contracts, sizes and headers, derives keys and encodes values as in production. {@code close} is
 * what the return of the handler is there: afterwards nothing can be emitted. In a pipe, what a
 * handler has emitted before it throws is dropped; here it stays, for the test to see.
 *
 * <p>Only for the thread that creates it, which has to be the one that calls the handler; any
 * thread may read what was emitted once it is closed.
 */
public final class InMemoryEmitter implements Emitter, AutoCloseable {

  private final Outputs outputs;
  private final Outputs.Emitted emitted;
  private final List<EventRecord<Message>> records = new ArrayList<>();

  private InMemoryEmitter(List<Topic<?>> contracts) {
    this.outputs = new Outputs(contracts, ZstdOptions.defaults());
    this.emitted = outputs.emitter(null);
  }

  /**
   * An emitter of a pipe that is built with these types.
   *
   * @param first a message class with a contract
   * @param others more of them
   * @return the emitter, open
   * @throws io.hermes.ContractException if a contract is wrong
   */
  @SafeVarargs
  public static InMemoryEmitter of(
      Class<? extends Message> first, Class<? extends Message>... others) {
    List<Topic<?>> contracts = new ArrayList<>();
    contracts.add(Topic.of(first));
    for (Class<? extends Message> other : others) {
      contracts.add(Topic.of(other));
    }
    return new InMemoryEmitter(contracts);
  }

  /**
   * The events that were emitted, in that order, without tombstones.
   *
   * @return a copy
   */
  public List<Message> events() {
    return records.stream()
        .filter(record -> !record.isTombstone())
        .<Message>map(EventRecord::event)
        .toList();
  }

  /**
   * The records of {@link #events()} and of tombstones, as subscribers would get them: with topic,
   * key and headers. The partition is 0, the offset the index in this list, and there is no
   * timestamp.
   *
   * @return a copy
   */
  public List<EventRecord<Message>> records() {
    return List.copyOf(records);
  }

  @Override
  public void emit(Message event, Iterable<Header> headers) {
    records.add(
        EventRecord.of(emitted.add(event, headers), records.size(), (topic, value) -> event));
  }

  @Override
  public void emitTombstone(Class<? extends Message> type, String key) {
    records.add(
        EventRecord.of(
            emitted.addTombstone(type, key),
            records.size(),
            (topic, value) -> {
              throw new UndecodableEventException("A tombstone has no event.", null);
            }));
  }

  /** Ends it, as the return of the handler does; {@link #events()} and {@link #records()} stay. */
  @Override
  public void close() {
    emitted.end();
    outputs.close();
  }

  /** How many records there are; never their content. */
  @Override
  public String toString() {
    return "InMemoryEmitter[" + records.size() + " records]";
  }
}
