package io.hermes.spring;

import io.hermes.Fault;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The health of the outbox and its relay: UP if nothing keeps events from being published. */
final class OutboxHealthIndicator implements HealthIndicator {

  private final ManagedRelay relay;

  OutboxHealthIndicator(ManagedRelay relay) {
    this.relay = relay;
  }

  @Override
  public Health health() {
    List<Fault> faults = new ArrayList<>(relay.faultsOfStart());
    Health.Builder result = Health.down();
    relay
        .health()
        .ifPresent(
            health -> {
              faults.addAll(health.faults());
              result
                  .status(health.isHealthy() ? "UP" : "DOWN")
                  .withDetail("pending", health.pending())
                  .withDetail("parked", health.parked())
                  .withDetail("shards", health.shards())
                  .withDetail("published", health.counts().published());
              health.oldest().ifPresent(age -> result.withDetail("oldestSeconds", age.toSeconds()));
            });
    return result.withDetail("faults", faults.stream().map(HermesHealth::details).toList()).build();
  }
}
