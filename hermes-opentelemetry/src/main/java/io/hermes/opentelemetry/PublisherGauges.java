package io.hermes.opentelemetry;

import io.hermes.publish.PublisherHealth;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.function.Supplier;

/** Gauges of the health of publishers, which is read when metrics are collected. Thread-safe. */
final class PublisherGauges {

  private final Meter meter;
  private final ObservableLongMeasurement records;
  private final ObservableLongMeasurement bytes;
  private final ObservableDoubleMeasurement responseAge;
  private final ObservableLongMeasurement transactions;
  private final ObservableLongMeasurement faults;

  PublisherGauges(Meter meter) {
    this.meter = meter;
    Gauges gauges = new Gauges(meter, "hermes.publisher.");
    this.records =
        gauges.number("in_flight.records", "{record}", "Events that have no outcome yet.");
    this.bytes =
        gauges.number("in_flight.bytes", "By", "Size of the events that have no outcome yet.");
    this.responseAge = gauges.age("response_age", "Time since a broker last responded.");
    this.transactions = gauges.transactions();
    this.faults = gauges.faults();
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
            transactions,
            faults);
    return callback::close;
  }

  private void report(Attributes client, PublisherHealth health) {
    records.record(health.inFlightRecords(), client);
    bytes.record(health.inFlightBytes(), client);
    Gauges.record(responseAge, health.sinceResponse(), client);
    health
        .transactions()
        .ifPresent(
            ended -> {
              Gauges.record(transactions, "committed", ended.committed(), client);
              Gauges.record(transactions, "aborted", ended.aborted(), client);
              Gauges.record(transactions, "unknown", ended.unknown(), client);
            });
    Gauges.record(faults, health.faults(), client);
  }
}
