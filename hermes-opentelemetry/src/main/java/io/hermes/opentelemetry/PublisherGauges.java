package io.hermes.opentelemetry;

import io.hermes.publish.PublisherHealth;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.function.Supplier;

/** What the health of publishers says, asked for when metrics are collected. Any thread. */
final class PublisherGauges {

  private final Meter meter;
  private final ObservableLongMeasurement records;
  private final ObservableLongMeasurement bytes;
  private final ObservableDoubleMeasurement responseAge;
  private final FaultGauge faults;

  PublisherGauges(Meter meter) {
    this.meter = meter;
    this.records =
        meter
            .upDownCounterBuilder("hermes.publisher.in_flight.records")
            .setDescription("Events that have no outcome yet.")
            .setUnit("{record}")
            .buildObserver();
    this.bytes =
        meter
            .upDownCounterBuilder("hermes.publisher.in_flight.bytes")
            .setDescription("Size of the events that have no outcome yet.")
            .setUnit("By")
            .buildObserver();
    this.responseAge =
        meter
            .gaugeBuilder("hermes.publisher.response_age")
            .setDescription("Time since a broker last responded.")
            .setUnit("s")
            .buildObserver();
    this.faults = new FaultGauge(meter, "hermes.publisher.faults");
  }

  /** Reports this publisher until the returned hook runs. */
  Runnable register(String clientId, Supplier<PublisherHealth> supplier) {
    Attributes client = Attributes.of(Names.CLIENT_ID, clientId);
    BatchCallback callback =
        meter.batchCallback(
            () -> report(client, supplier.get()),
            records,
            bytes,
            responseAge,
            faults.measurement());
    return callback::close;
  }

  private void report(Attributes client, PublisherHealth health) {
    records.record(health.inFlightRecords(), client);
    bytes.record(health.inFlightBytes(), client);
    responseAge.record(SubscriberGauges.seconds(health.sinceResponse()), client);
    faults.report(health.faults(), client);
  }
}
