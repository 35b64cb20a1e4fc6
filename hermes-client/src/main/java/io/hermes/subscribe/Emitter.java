package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * Takes what the handler of a {@link HermesPipe} emits. It may be used until the handler returns,
 * and only on the handler's thread.
 *
 * <p>An event is checked and encoded at once, and written after the handler has returned, in the
 * transaction that also commits the offset of the handled event. What a failed attempt has emitted
 * is dropped. If the handler catches the exception of an event that cannot be emitted, and returns,
 * the other events are committed. Until they are written, events are kept in memory.
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
   * @param headers added to those of the contract, whose names are refused
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
