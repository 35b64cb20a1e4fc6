package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * Emits events from the handler of a {@link HermesPipe}. Use it only on the handler's thread, and
 * only until the handler returns.
 *
 * <p>An event is validated and encoded immediately, and kept in memory. After the handler has
 * returned, it is written in the transaction that also commits the offset of the handled event.
 * Events emitted by a failed attempt are dropped. If the handler catches the exception of an event
 * that cannot be emitted, and returns, the other events are committed.
 */
public interface Emitter {

  /**
   * Emits an event to the topic of its contract.
   *
   * @param event of a type that the pipe was built with
   * @throws io.hermes.PublishRejectedException if the event is too large, has no key, or is
   *     otherwise unfit for its topic
   * @throws io.hermes.SettingsException if the pipe was not built with its type
   * @throws io.hermes.HermesException on another thread, or after the handler has returned
   */
  default void emit(Message event) {
    emit(event, List.of());
  }

  /**
   * Emits an event with additional headers.
   *
   * @param headers added to those of the contract; names that the contract uses are refused
   * @see #emit(Message)
   */
  void emit(Message event, Iterable<Header> headers);

  /**
   * Emits a tombstone, which deletes a key of a compacted topic.
   *
   * @param type a type that the pipe was built with
   * @param key the record key, as the contract derives it: text, or an integer as decimal text
   * @throws io.hermes.ContractException if the key is empty
   * @throws io.hermes.SettingsException if the pipe was not built with the type
   * @throws io.hermes.HermesException on another thread, or after the handler has returned
   */
  void emitTombstone(Class<? extends Message> type, String key);
}
