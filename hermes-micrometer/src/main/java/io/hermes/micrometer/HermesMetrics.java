package io.hermes.micrometer;

import io.hermes.kafka.KafkaClients;
import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;

/**
 * Reports publishers, subscribers and their Kafka clients to a Micrometer registry. The guide to
 * observability lists every meter.
 *
 * <pre>{@code
 * HermesMetrics metrics = HermesMetrics.of(registry);
 * HermesPublisher.builder(UserEvent.class).observer(metrics.publisher()).open();
 * HermesSubscriber.builder(UserEvent.class).observer(metrics.subscriber()).start(this::bill);
 * }</pre>
 *
 * <p>Meters of one client have its client id as a tag and are removed when it closes, those of a
 * partition when it is revoked. The timers have no such tag and stay.
 *
 * <p>Immutable, safe for any thread. One instance, and each observer that it makes, may serve any
 * number of publishers and subscribers.
 */
public final class HermesMetrics {

  private final MeterRegistry registry;
  private final boolean timers;

  private HermesMetrics(MeterRegistry registry, boolean timers) {
    this.registry = Objects.requireNonNull(registry);
    this.timers = timers;
  }

  /**
   * Reports all meters.
   *
   * @param registry where meters are registered
   * @return the metrics
   */
  public static HermesMetrics of(MeterRegistry registry) {
    return new HermesMetrics(registry, true);
  }

  /**
   * The same without the timers {@code hermes.publish} and {@code hermes.handle}. For use together
   * with {@link HermesObservations}, whose registry has a {@code DefaultMeterObservationHandler}
   * that counts them: with both, every event would be counted twice.
   *
   * @return the metrics without timers
   */
  public HermesMetrics withoutTimers() {
    return new HermesMetrics(registry, false);
  }

  /**
   * Reports publishers: a timer for what becomes of events, gauges for each publisher.
   *
   * @return an observer for {@code HermesPublisher.Builder.observer}
   */
  public PublisherObserver publisher() {
    return new PublisherMeters(registry, timers);
  }

  /**
   * Reports subscribers: a timer for attempts to handle, gauges and counters for each subscriber.
   *
   * @return an observer for {@code SubscriberBuilder.observer}
   */
  public SubscriberObserver subscriber() {
    return new SubscriberMeters(registry, timers);
  }

  /**
   * Reports the metrics of Kafka's own producers and consumers, from the moment one is made until
   * it is closed.
   *
   * @return clients for {@code KafkaSettings.Builder.clients}
   */
  public KafkaClients clients() {
    return clients(KafkaClients.standard());
  }

  /**
   * Reports the metrics of the producers and consumers that others make.
   *
   * @param decorated makes the clients
   * @return clients for {@code KafkaSettings.Builder.clients}
   */
  public KafkaClients clients(KafkaClients decorated) {
    return new MeteredClients(registry, decorated);
  }
}
