package io.hermes.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The timers of one name, found without building tags anew for each event. Safe for any thread. */
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

  /** The registry's time, for {@link #record}. */
  long nowNs() {
    return registry.config().clock().monotonicTime();
  }

  /**
   * Counts one.
   *
   * @param values of the keys, in their order
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
