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
 * An emitter for unit tests of a pipe's handler, without Kafka: it collects what is emitted.
 *
 * <pre>{@code
 * try (InMemoryEmitter out = InMemoryEmitter.of(PaymentEvent.class)) {
 *   handler.handle(Delivery.of(Topic.of(OrderPlaced.class), order), out);
 *   assertThat(out.events()).containsExactly(payment);
 * }
 * }</pre>
 *
 * <p>It checks types, contracts, sizes and headers, derives keys and encodes values with the same
 * code as the emitter of a {@link HermesPipe}. After {@code close} nothing can be emitted, as after
 * the return of a handler. In a pipe, what a handler emitted before it throws is dropped; here it
 * is kept, for the test to inspect.
 *
 * <p>Create and use it on the thread that calls the handler. Once it is closed, any thread may read
 * what was emitted.
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
   * Creates the emitter of a pipe that is built with these types.
   *
   * @param first a message class with a contract
   * @param others more message classes
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
   * The emitted events in order, without tombstones.
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
   * The records of events and tombstones, as a subscriber would receive them: with topic, key and
   * headers. The partition is 0, the offset is the index in this list, and there is no timestamp.
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

  /** Ends the emitter, as a handler's return does. {@link #events()} and the records are kept. */
  @Override
  public void close() {
    emitted.end();
    outputs.close();
  }

  /** The number of records; never their content. */
  @Override
  public String toString() {
    return "InMemoryEmitter[" + records.size() + " records]";
  }
}
