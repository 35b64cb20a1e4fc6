package io.hermes.subscribe;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.publish.EventEncoder;
import io.hermes.publish.OutgoingEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** The types that a pipe emits, and their encoding. Thread-safe. */
final class Outputs implements AutoCloseable {

  private final Set<Descriptor> declared = new HashSet<>();
  private final EventEncoder encoder;

  /** Takes contracts with the names of their topics on the cluster. */
  Outputs(List<Topic<?>> contracts, ZstdOptions zstd) {
    this.encoder = new EventEncoder(zstd);
    for (Topic<?> contract : contracts) {
      encoder.with(contract);
      declared.add(contract.descriptor());
    }
  }

  /** Calls the handler with an emitter, and returns what it emitted. */
  <M extends Message> Route.Call<M> calls(PipeHandler<M> handler) {
    return delivery -> {
      Emitted out = emitter(delivery.observed());
      try {
        handler.handle(delivery, out);
        return out.open();
      } finally {
        out.end();
      }
    };
  }

  /** Creates an emitter for this thread, which collects records until {@link Emitted#end}. */
  Emitted emitter(@Nullable ObservedAttempt attempt) {
    return new Emitted(attempt);
  }

  private void requireDeclared(Descriptor type) {
    if (!declared.contains(type)) {
      throw new SettingsException(
          "The pipe emits "
              + declared.stream()
                  .map(Descriptor::getFullName)
                  .sorted()
                  .collect(Collectors.joining(", "))
              + ", not "
              + type.getFullName()
              + ".",
          "Add it with to(type).",
          null);
    }
  }

  @Override
  public void close() {
    encoder.close();
  }

  /** What one attempt has emitted. For one thread. */
  final class Emitted implements Emitter {

    private @Nullable List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(1);
    private final Thread thread = Thread.currentThread();
    private final @Nullable Consumer<OutgoingEvent> observer;

    private Emitted(@Nullable ObservedAttempt attempt) {
      this.observer = attempt == null ? null : attempt::emitting;
    }

    /** The handler has returned: nothing can be emitted any more. */
    void end() {
      records = null;
    }

    private List<ProducerRecord<byte[], byte[]>> open() {
      List<ProducerRecord<byte[], byte[]>> now = records;
      if (now == null || Thread.currentThread() != thread) {
        throw new HermesException(
            "An emitter may be used only by its handler's thread, until the handler returns.",
            null);
      }
      return now;
    }

    @Override
    public void emit(Message event, Iterable<Header> headers) {
      var unused = add(event, headers);
    }

    @Override
    public void emitTombstone(Class<? extends Message> type, String key) {
      var unused = addTombstone(type, key);
    }

    /** Like {@link #emit}; returns the record that will be written. */
    ProducerRecord<byte[], byte[]> add(Message event, Iterable<Header> headers) {
      List<ProducerRecord<byte[], byte[]>> now = open();
      requireDeclared(event.getDescriptorForType());
      return add(now, encoder.encode(event, headers, observer));
    }

    /** Like {@link #emitTombstone}; returns the record that will be written. */
    ProducerRecord<byte[], byte[]> addTombstone(Class<? extends Message> type, String key) {
      List<ProducerRecord<byte[], byte[]>> now = open();
      Descriptor message = Internal.getDefaultInstance(type).getDescriptorForType();
      requireDeclared(message);
      return add(now, encoder.tombstone(message, key.getBytes(StandardCharsets.UTF_8), observer));
    }

    private static ProducerRecord<byte[], byte[]> add(
        List<ProducerRecord<byte[], byte[]>> records, ProducerRecord<byte[], byte[]> record) {
      records.add(record);
      return record;
    }
  }
}
