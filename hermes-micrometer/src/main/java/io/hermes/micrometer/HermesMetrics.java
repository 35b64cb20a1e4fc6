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
 * <p>The meters of a client have its client id as a tag and are removed when it closes; those of a
 * partition are removed when it is revoked. The timers have no such tag and are not removed.
 *
 * <p>Immutable and thread-safe. One instance, and each observer that it creates, may serve any
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
   * Creates metrics that report all meters.
   *
   * @param registry where meters are registered
   * @return the metrics
   */
  public static HermesMetrics of(MeterRegistry registry) {
    return new HermesMetrics(registry, true);
  }

  /**
   * Returns the same metrics without the timers {@code hermes.publish} and {@code hermes.handle}.
   * Use this together with {@link HermesObservations} if their registry has a {@code
   * DefaultMeterObservationHandler}, which records the same timers. Otherwise, every event would be
   * counted twice.
   *
   * @return the metrics without timers
   */
  public HermesMetrics withoutTimers() {
    return new HermesMetrics(registry, false);
  }

  /**
   * Reports publishers: a timer of events by outcome, and gauges for each publisher.
   *
   * @return an observer for {@code HermesPublisher.Builder.observer}
   */
  public PublisherObserver publisher() {
    return new PublisherMeters(registry, timers);
  }

  /**
   * Reports subscribers: a timer of attempts to handle, and gauges and counters for each
   * subscriber.
   *
   * @return an observer for {@code SubscriberBuilder.observer}
   */
  public SubscriberObserver subscriber() {
    return new SubscriberMeters(registry, timers);
  }

  /**
   * Reports the metrics of Kafka's own producers and consumers while they are open.
   *
   * @return clients for {@code KafkaSettings.Builder.clients}
   */
  public KafkaClients clients() {
    return clients(KafkaClients.standard());
  }

  /**
   * Reports the metrics of the producers and consumers that another {@code KafkaClients} creates.
   *
   * @param decorated creates the clients
   * @return clients for {@code KafkaSettings.Builder.clients}
   */
  public KafkaClients clients(KafkaClients decorated) {
    return new MeteredClients(registry, decorated);
  }
}
