package io.hermes.opentelemetry;

import io.hermes.Fault;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.List;
import java.util.Locale;

/** How many faults of each kind there are; 0 where there is none, so that an alert resolves. */
final class FaultGauge {

  private final ObservableLongMeasurement measurement;

  FaultGauge(Meter meter, String name) {
    this.measurement =
        meter
            .upDownCounterBuilder(name)
            .setDescription("Faults at this moment, by kind.")
            .setUnit("{fault}")
            .buildObserver();
  }

  ObservableLongMeasurement measurement() {
    return measurement;
  }

  void report(List<Fault> faults, Attributes owner) {
    for (Fault.Kind kind : Fault.Kind.values()) {
      long number = faults.stream().filter(fault -> fault.kind() == kind).count();
      String name = kind.name().toLowerCase(Locale.ROOT);
      measurement.record(number, owner.toBuilder().put(Names.FAULT, name).build());
    }
  }
}
