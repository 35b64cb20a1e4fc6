package io.hermes.opentelemetry;

import io.hermes.Fault;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Creates instruments whose names share a prefix, and records faults, outcomes and durations. */
final class Gauges {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Meter meter;
  private final String prefix;

  Gauges(Meter meter, String prefix) {
    this.meter = meter;
    this.prefix = prefix;
  }

  /** Creates a number that can be summed over clients. */
  ObservableLongMeasurement number(String name, String unit, String description) {
    return meter
        .upDownCounterBuilder(prefix + name)
        .setDescription(description)
        .setUnit(unit)
        .buildObserver();
  }

  /** Creates a counter of transactions, by {@link Names#OUTCOME}. */
  ObservableLongMeasurement transactions() {
    return meter
        .counterBuilder(prefix + "transactions")
        .setDescription("Transactions that have ended, by outcome.")
        .setUnit("{transaction}")
        .buildObserver();
  }

  ObservableDoubleMeasurement age(String name, String description) {
    return meter
        .gaugeBuilder(prefix + name)
        .setDescription(description)
        .setUnit("s")
        .buildObserver();
  }

  ObservableLongMeasurement faults() {
    return number("faults", "{fault}", "Current faults, by kind.");
  }

  /** Records the number of faults of each kind, including 0, so that alerts resolve. */
  static void record(ObservableLongMeasurement gauge, List<Fault> faults, Attributes owner) {
    for (Fault.Kind kind : Fault.Kind.values()) {
      long number = faults.stream().filter(fault -> fault.kind() == kind).count();
      String name = kind.name().toLowerCase(Locale.ROOT);
      gauge.record(number, owner.toBuilder().put(Names.FAULT, name).build());
    }
  }

  static void record(
      ObservableLongMeasurement counter, String outcome, long number, Attributes owner) {
    counter.record(number, owner.toBuilder().put(Names.OUTCOME, outcome).build());
  }

  static void record(ObservableDoubleMeasurement gauge, Duration age, Attributes owner) {
    gauge.record(age.toNanos() / NANOS_PER_SECOND, owner);
  }
}
