package io.hermes.spring;

import io.hermes.Fault;
import io.hermes.jdbc.OutboxHealth;
import io.hermes.jdbc.OutboxRelay;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The relay of the application's outbox. It starts in the background once the web server accepts
 * requests, and retries until the database responds. It stops before the {@code DataSource} closes.
 * Thread-safe.
 */
final class ManagedRelay implements SmartLifecycle {

  /**
   * Between the web server and the phase in which subscribers and requests end, so that the relay
   * still publishes what the last of these have written.
   */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1_536;

  /**
   * What the relay is built with.
   *
   * @param starter starts a relay
   * @param meters registers the meters of each relay; null if there is no registry
   */
  record Parts(
      Supplier<OutboxRelay> starter, @Nullable RelayMeters meters, ShutdownBudget budget) {}

  /** One run, from a start to the next stop. */
  private final class Run {

    final Attempts attempts = new Attempts("Outbox relay", this::connect);
    volatile @Nullable OutboxRelay relay; // under this
    private @Nullable Runnable removal; // under this
    private boolean closed; // under this

    private void connect() {
      OutboxRelay started = parts.starter.get();
      synchronized (this) {
        if (!closed) {
          relay = started;
          removal = parts.meters == null ? null : parts.meters.open(started::health);
          return;
        }
      }
      started.close(Duration.ZERO);
    }

    void close(Duration timeout) {
      OutboxRelay last;
      Runnable meters;
      synchronized (this) {
        closed = true;
        last = relay;
        meters = removal;
      }
      attempts.end();
      if (last != null) {
        last.close(timeout);
      }
      if (meters != null) {
        meters.run();
      }
    }
  }

  private final Parts parts;
  private volatile @Nullable Run run;

  ManagedRelay(Parts parts) {
    this.parts = parts;
  }

  /** Wakes the relay for a shard that has events to publish. */
  void wake(int shard) {
    OutboxRelay relay = relay();
    if (relay != null) {
      relay.wake(shard);
    }
  }

  private @Nullable OutboxRelay relay() {
    Run now = run;
    return now == null ? null : now.relay;
  }

  /** Returns the relay's health; empty until it has started. */
  Optional<OutboxHealth> health() {
    return Optional.ofNullable(relay()).map(OutboxRelay::health);
  }

  /** Returns the faults of the database that keep the relay from starting. */
  List<Fault> faultsOfStart() {
    Run now = run;
    return now == null
        ? List.of()
        : now.attempts.faults().stream()
            .map(
                fault ->
                    Fault.of(Fault.Kind.DATABASE, fault.problem(), fault.advice())
                        .since(fault.since()))
            .toList();
  }

  @Override
  public void start() {
    Run now = new Run();
    run = now;
    now.attempts.begin();
  }

  @Override
  public void stop() {
    Run last = run;
    run = null;
    if (last != null) {
      last.close(parts.budget.ofRelay());
    }
  }

  @Override
  public boolean isRunning() {
    return run != null;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
