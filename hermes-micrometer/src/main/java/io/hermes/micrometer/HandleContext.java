package io.hermes.micrometer;

import io.hermes.subscribe.HandlerCall;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** An attempt to handle, as a {@link HandleConvention} and the registry's handlers see it. */
public final class HandleContext extends ReceiverContext<HandlerCall> {

  private volatile @Nullable String outcome;

  HandleContext(HandlerCall call) {
    super(HandleContext::header, Kind.CONSUMER);
    setCarrier(call);
    setRemoteServiceName("kafka");
  }

  /** The records of a batch may be of several traces, of which none is the parent. */
  private static @Nullable String header(HandlerCall call, String name) {
    if (call.isBatch()) {
      return null;
    }
    Header header = call.records().get(0).headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** What the handler is called with. */
  public HandlerCall call() {
    return Objects.requireNonNull(getCarrier());
  }

  /** The topic of the record, or of all of the batch. */
  public String topic() {
    return call().records().get(0).topic();
  }

  /**
   * What became of it: {@code acked}, {@code retried}, {@code dead_lettered}, {@code skipped},
   * {@code stopped} or {@code revoked}; of a batch, the gravest of what became of its records.
   *
   * @return null until that is decided
   */
  public @Nullable String outcome() {
    return outcome;
  }

  void setOutcome(String value) {
    outcome = value;
  }
}
