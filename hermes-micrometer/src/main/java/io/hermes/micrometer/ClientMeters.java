package io.hermes.micrometer;

import io.hermes.Fault;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one publisher or subscriber. They all read the same snapshot of its health.
 *
 * <p>Confined to the thread that opens the client until the client is open. Any thread may read the
 * values.
 *
 * @param <H> the type of its health
 */
final class ClientMeters<H> {

  /** Longer than a scrape takes. */
  private static final long SNAPSHOT_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final MeterRegistry registry;
  private final Tags tags;
  private final Supplier<H> health;
  private final List<Meter> meters = new ArrayList<>();
  private volatile Snapshot<H> last;

  private record Snapshot<H>(H health, long takenNs) {}

  ClientMeters(MeterRegistry registry, Tags tags, Supplier<H> health) {
    this.registry = registry;
    this.tags = tags;
    this.health = health;
    this.last = snapshot();
  }

  private Snapshot<H> snapshot() {
    return new Snapshot<>(health.get(), System.nanoTime());
  }

  private H health() {
    Snapshot<H> read = last;
    if (System.nanoTime() - read.takenNs > SNAPSHOT_NS) {
      read = snapshot();
      last = read;
    }
    return read.health;
  }

  void gauge(String name, String unit, String description, ToDoubleFunction<H> value) {
    gauge(name, unit, description, Tags.empty(), value);
  }

  private void gauge(
      String name, String unit, String description, Tags more, ToDoubleFunction<H> value) {
    meters.add(
        Gauge.builder(name, () -> value.applyAsDouble(health()))
            .tags(tags.and(more))
            .baseUnit(unit.isEmpty() ? null : unit)
            .description(description)
            .register(registry));
  }

  void duration(String name, String description, Function<H, Duration> value) {
    meters.add(
        TimeGauge.builder(name, () -> value.apply(health()).toNanos(), TimeUnit.NANOSECONDS)
            .tags(tags)
            .description(description)
            .register(registry));
  }

  void counter(String name, String unit, String description, ToDoubleFunction<H> value) {
    counter(name, unit, description, Tags.empty(), value);
  }

  /** Registers one counter for each outcome. */
  void outcomes(String name, String description, Map<String, ToDoubleFunction<H>> counts) {
    counts.forEach(
        (outcome, count) ->
            counter(name, "", description, Tags.of(OutcomeTags.OUTCOME, outcome), count));
  }

  private void counter(
      String name, String unit, String description, Tags more, ToDoubleFunction<H> value) {
    meters.add(
        FunctionCounter.builder(name, this, meters -> value.applyAsDouble(meters.health()))
            .tags(tags.and(more))
            .baseUnit(unit.isEmpty() ? null : unit)
            .description(description)
            .register(registry));
  }

  /**
   * Registers one gauge for each kind of fault, so that the series exist before the first fault.
   */
  void faults(String name, Function<H, List<Fault>> faults) {
    for (Fault.Kind kind : Fault.Kind.values()) {
      gauge(
          name,
          "",
          "Current faults of this kind",
          Tags.of("kind", kind.name().toLowerCase(Locale.ROOT)),
          health -> faults.apply(health).stream().filter(fault -> fault.kind() == kind).count());
    }
  }

  /** Removes all meters. */
  void close() {
    meters.forEach(registry::remove);
  }
}
