package io.hermes.opentelemetry;

import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Tracer;

/**
 * Traces and metrics of Hermes for OpenTelemetry. One trace spans from the caller of {@code
 * publish} through every attempt to handle the event, including dead letters and redrives.
 *
 * <pre>{@code
 * HermesTelemetry telemetry = HermesTelemetry.create(openTelemetry);
 * HermesPublisher.builder(UserEvent.class).observer(telemetry.publisher()).open();
 * HermesSubscriber.builder(UserEvent.class).group("billing").observer(telemetry.subscriber())...
 * }</pre>
 *
 * <p>Names follow version 1.44 of the semantic conventions for messaging. Telemetry never contains
 * an event's content or key, or the message of an exception. The trace context travels in record
 * headers, written and read by the propagators of the {@link OpenTelemetry} instance.
 *
 * <p>Immutable and thread-safe. One instance serves any number of publishers and subscribers.
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
   * Creates telemetry that reports to an OpenTelemetry instance.
   *
   * @param openTelemetry the service's instance, or {@code GlobalOpenTelemetry.get()} if an agent
   *     or a framework has set it up
   * @return the observers to pass to builders
   */
  public static HermesTelemetry create(OpenTelemetry openTelemetry) {
    return new HermesTelemetry(openTelemetry);
  }

  /**
   * Returns the observer for {@code HermesPublisher.Builder.observer}; any number of publishers may
   * share it.
   */
  public PublisherObserver publisher() {
    return publisher;
  }

  /**
   * Returns the observer for {@code SubscriberBuilder.observer}; any number of subscribers may
   * share it.
   */
  public SubscriberObserver subscriber() {
    return subscriber;
  }
}
