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
        "1 if the relay runs and nothing keeps events from being published, otherwise 0",
        now -> now.isHealthy() ? 1 : 0);
    meters.faults("hermes.outbox.faults", OutboxHealth::faults);
    meters.gauge(
        "hermes.outbox.pending",
        "events",
        "Events to be published, of the whole outbox, counted up to 100,001",
        OutboxHealth::pending);
    meters.gauge(
        "hermes.outbox.parked",
        "events",
        "Events that were rejected and set aside, of the whole outbox",
        OutboxHealth::parked);
    meters.duration(
        "hermes.outbox.oldest.age",
        "How long the oldest event to be published has waited; 0 if there is none",
        now -> now.oldest().orElse(Duration.ZERO));
    meters.gauge(
        "hermes.outbox.shards",
        "shards",
        "Shards that this relay publishes, of eight",
        now -> now.shards().size());
    meters.counter(
        "hermes.outbox.published",
        "events",
        "Events that this relay has published",
        now -> now.counts().published());
    meters.counter(
        "hermes.outbox.unknown",
        "events",
        "Publications whose outcome is unknown, and which this relay has repeated",
        now -> now.counts().unknown());
    meters.counter(
        "hermes.outbox.rejected",
        "events",
        "Events that this relay has set aside",
        now -> now.counts().parked());
    return meters::close;
  }
}
