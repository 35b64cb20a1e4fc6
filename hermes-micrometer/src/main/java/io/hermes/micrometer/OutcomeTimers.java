package io.hermes.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The timers of one name, cached so that tags are not built for each event. Thread-safe. */
final class OutcomeTimers {

  private final MeterRegistry registry;
  private final String name;
  private final String description;
  private final List<String> keys;
  private final ConcurrentHashMap<List<String>, Timer> timers = new ConcurrentHashMap<>();

  OutcomeTimers(MeterRegistry registry, String name, String description, String... keys) {
    this.registry = registry;
    this.name = name;
    this.description = description;
    this.keys = List.of(keys);
  }

  /** Returns the registry's monotonic time, for {@link #record}. */
  long nowNs() {
    return registry.config().clock().monotonicTime();
  }

  /**
   * Records one duration.
   *
   * @param values the values of the keys, in the order of the keys
   */
  void record(long tookNs, List<String> values) {
    timers.computeIfAbsent(values, this::timer).record(tookNs, TimeUnit.NANOSECONDS);
  }

  private Timer timer(List<String> values) {
    Tags tags = Tags.empty();
    for (int i = 0; i < keys.size(); i++) {
      tags = tags.and(keys.get(i), values.get(i));
    }
    return Timer.builder(name).description(description).tags(tags).register(registry);
  }
}
