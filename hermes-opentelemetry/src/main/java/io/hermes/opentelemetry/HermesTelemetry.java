package io.hermes.opentelemetry;

import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Tracer;

/**
 * Traces and metrics of Hermes for OpenTelemetry: one trace from the caller of {@code publish}
 * through every attempt to handle the event, dead letters and redrives included.
 *
 * <pre>{@code
 * HermesTelemetry telemetry = HermesTelemetry.create(openTelemetry);
 * HermesPublisher.builder(UserEvent.class).observer(telemetry.publisher()).open();
 * HermesSubscriber.builder(UserEvent.class).group("billing").observer(telemetry.subscriber())...
 * }</pre>
 *
 * <p>Names follow version 1.44 of the semantic conventions for messaging. Telemetry never contains
 * the content of an event, its key, or the message of an exception. The trace context travels in
 * record headers, written and read by the propagators of the {@link OpenTelemetry} instance.
 *
 * <p>Immutable; safe for any thread. One instance serves any number of publishers and subscribers.
 */
public final class HermesTelemetry {

  private static final String SCOPE = "io.hermes.opentelemetry";
  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.44.0";

  private final PublisherTelemetry publisher;
  private final SubscriberTelemetry subscriber;

  private HermesTelemetry(OpenTelemetry openTelemetry) {
    Tracer tracer = openTelemetry.tracerBuilder(SCOPE).setSchemaUrl(SCHEMA).build();
    Meter meter = openTelemetry.meterBuilder(SCOPE).setSchemaUrl(SCHEMA).build();
    Propagation propagation =
        new Propagation(openTelemetry.getPropagators().getTextMapPropagator());
    this.publisher = new PublisherTelemetry(tracer, meter, propagation);
    this.subscriber = new SubscriberTelemetry(tracer, meter, propagation);
  }

  /**
   * Telemetry that goes to this instance.
   *
   * @param openTelemetry the service's own, or {@code GlobalOpenTelemetry.get()} where an agent or
   *     a framework has set it up
   * @return the observers to pass to builders
   */
  public static HermesTelemetry create(OpenTelemetry openTelemetry) {
    return new HermesTelemetry(openTelemetry);
  }

  /** For {@code HermesPublisher.Builder.observer}; any number of publishers may share it. */
  public PublisherObserver publisher() {
    return publisher;
  }

  /** For {@code SubscriberBuilder.observer}; any number of subscribers may share it. */
  public SubscriberObserver subscriber() {
    return subscriber;
  }
}
