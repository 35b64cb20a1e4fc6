package io.hermes.micrometer;

import io.hermes.publish.OutgoingEvent;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.Propagator;
import io.micrometer.observation.transport.SenderContext;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event that is published, as a {@link PublishConvention} and the registry's handlers see it.
 */
public final class PublishContext extends SenderContext<OutgoingEvent> {

  private volatile @Nullable String outcome;

  PublishContext(OutgoingEvent event) {
    super(new TraceHeaders(), Kind.PRODUCER);
    setCarrier(event);
    setRemoteServiceName("kafka");
  }

  /**
   * Adds a trace context, or nothing of it if the caller has set one: a header of each would make
   * up a context that nobody has. Baggage says nothing about the trace. Belongs to one event.
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

  /** The event and its headers. */
  public OutgoingEvent event() {
    return Objects.requireNonNull(getCarrier());
  }

  /**
   * What became of it: {@code acknowledged}, {@code rejected} or {@code unknown}.
   *
   * @return null until that is known
   */
  public @Nullable String outcome() {
    return outcome;
  }

  void setOutcome(String value) {
    outcome = value;
  }
}
