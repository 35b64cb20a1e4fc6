package io.hermes.micrometer;

import io.hermes.subscribe.HandlerCall;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The context of an attempt to handle, for a {@link HandleConvention} and the registry's handlers.
 */
public final class HandleContext extends ReceiverContext<HandlerCall> {

  private volatile @Nullable String outcome;

  HandleContext(HandlerCall call) {
    super(HandleContext::header, Kind.CONSUMER);
    setCarrier(call);
    setRemoteServiceName("kafka");
  }

  /** A batch has no parent, since its records may belong to several traces. */
  private static @Nullable String header(HandlerCall call, String name) {
    if (call.isBatch()) {
      return null;
    }
    Header header = call.records().get(0).headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** Returns what the handler is called with. */
  public HandlerCall call() {
    return Objects.requireNonNull(getCarrier());
  }

  /** Returns the topic of the record, or of all records of the batch. */
  public String topic() {
    return call().records().get(0).topic();
  }

  /**
   * Returns the outcome: {@code acked}, {@code retried}, {@code dead_lettered}, {@code skipped},
   * {@code stopped} or {@code revoked}; for a batch, the most severe outcome of its records.
   *
   * @return null until it is decided
   */
  public @Nullable String outcome() {
    return outcome;
  }

  void setOutcome(String value) {
    outcome = value;
  }
}
