package io.hermes.micrometer;

import io.hermes.jdbc.OutboxHealth;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Reports an outbox and its relay to a Micrometer registry. Needs hermes-jdbc. The guide to
 * observability lists every meter. Stateless.
 *
 * <pre>{@code
 * Runnable removal = OutboxMetrics.register(registry, relay::health);
 * }</pre>
 */
public final class OutboxMetrics {

  private OutboxMetrics() {}

  /**
   * Registers the meters of a relay.
   *
   * @param registry where meters are registered
   * @param health the relay's health, read at each scrape
   * @return removes the meters; call it when the relay is closed
   */
  public static Runnable register(MeterRegistry registry, Supplier<OutboxHealth> health) {
    ClientMeters<OutboxHealth> meters = new ClientMeters<>(registry, Tags.empty(), health);
    meters.gauge(
        "hermes.outbox.healthy",
        "",
        "1 if the relay runs and nothing prevents events from being published, otherwise 0",
        now -> now.isHealthy() ? 1 : 0);
    meters.faults("hermes.outbox.faults", OutboxHealth::faults);
    meters.gauge(
        "hermes.outbox.pending",
        "events",
        "Events in the whole outbox that wait to be published, counted up to 100,001",
        OutboxHealth::pending);
    meters.gauge(
        "hermes.outbox.parked",
        "events",
        "Events in the whole outbox that were rejected and parked",
        OutboxHealth::parked);
    meters.duration(
        "hermes.outbox.oldest.age",
        "How long the oldest unpublished event has waited; 0 if there is none",
        now -> now.oldest().orElse(Duration.ZERO));
    meters.gauge(
        "hermes.outbox.shards",
        "shards",
        "Shards that this relay publishes, out of eight",
        now -> now.shards().size());
    meters.counter(
        "hermes.outbox.published",
        "events",
        "Events that this relay has published",
        now -> now.counts().published());
    meters.counter(
        "hermes.outbox.unknown",
        "events",
        "Publications that this relay repeated because their outcome is unknown",
        now -> now.counts().unknown());
    meters.counter(
        "hermes.outbox.rejected",
        "events",
        "Events that this relay has parked",
        now -> now.counts().parked());
    return meters::close;
  }
}
