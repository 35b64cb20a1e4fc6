package io.hermes.micrometer;

import io.hermes.publish.OutgoingEvent;
import io.micrometer.observation.transport.Kind;
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
    super(PublishContext::setHeader, Kind.PRODUCER);
    setCarrier(event);
    setRemoteServiceName("kafka");
  }

  /** A header that the caller set stays as it is. */
  private static void setHeader(@Nullable OutgoingEvent event, String name, String value) {
    if (event != null && event.header(name) == null) {
      event.addHeader(name, value.getBytes(StandardCharsets.UTF_8));
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
