package io.hermes.micrometer;

import io.hermes.publish.OutgoingEvent;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.Propagator;
import io.micrometer.observation.transport.SenderContext;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The context of a published event, for a {@link PublishConvention} and the registry's handlers.
 */
public final class PublishContext extends SenderContext<OutgoingEvent> {

  private volatile @Nullable String outcome;

  PublishContext(OutgoingEvent event) {
    super(new TraceHeaders(), Kind.PRODUCER);
    setCarrier(event);
    setRemoteServiceName("kafka");
  }

  /**
   * Adds a trace context, unless the caller has set one: mixing headers of both would create an
   * invalid context. Baggage does not count as a trace context. Used for one event.
   */
  static final class TraceHeaders implements Propagator.Setter<OutgoingEvent> {

    private boolean setByCaller;

    @Override
    public void set(@Nullable OutgoingEvent event, String name, String value) {
      if (event == null || setByCaller) {
        return;
      }
      if (event.header(name) == null) {
        event.addHeader(name, value.getBytes(StandardCharsets.UTF_8));
      } else {
        setByCaller = !name.equals("baggage");
      }
    }
  }

  /** Returns the event and its headers. */
  public OutgoingEvent event() {
    return Objects.requireNonNull(getCarrier());
  }

  /**
   * Returns the outcome: {@code acknowledged}, {@code rejected} or {@code unknown}.
   *
   * @return null until it is known
   */
  public @Nullable String outcome() {
    return outcome;
  }

  void setOutcome(String value) {
    outcome = value;
  }
}
