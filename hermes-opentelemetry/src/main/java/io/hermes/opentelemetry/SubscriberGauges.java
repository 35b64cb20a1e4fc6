package io.hermes.opentelemetry;

import io.hermes.subscribe.SubscriberHealth;
import io.hermes.subscribe.SubscriberHealth.Unfinished;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Gauges of the health of subscribers, which is read when metrics are collected. Thread-safe.
 *
 * <p>Lag is reported for assigned partitions, so a revoked partition disappears. While brokers do
 * not respond, the last known figures remain, and their age grows.
 */
final class SubscriberGauges {

  private final Meter meter;
  private final ObservableLongMeasurement lag;
  private final ObservableDoubleMeasurement lagAge;
  private final ObservableDoubleMeasurement oldestAge;
  private final ObservableDoubleMeasurement pollAge;
  private final ObservableDoubleMeasurement responseAge;
  private final ObservableLongMeasurement records;
  private final ObservableLongMeasurement bytes;
  private final ObservableLongMeasurement parkedKeys;
  private final ObservableLongMeasurement waitingDeadLetters;
  private final ObservableLongMeasurement redelivered;
  private final ObservableLongMeasurement transactions;
  private final ObservableLongMeasurement faults;

  SubscriberGauges(Meter meter) {
    this.meter = meter;
    Gauges gauges = new Gauges(meter, "hermes.subscriber.");
    this.lag =
        meter
            .gaugeBuilder("hermes.subscriber.lag")
            .ofLongs()
            .setDescription("Records of a partition that are not finished.")
            .setUnit("{record}")
            .buildObserver();
    this.lagAge = gauges.age("lag_age", "Time since the oldest of the lag figures was measured.");
    this.oldestAge =
        gauges.age("oldest_unfinished_age", "How long the oldest unfinished record has waited.");
    this.pollAge = gauges.age("poll_age", "Time since the poll thread last asked for records.");
    this.responseAge = gauges.age("response_age", "Time since a broker last responded.");
    this.records =
        gauges.number("in_flight.records", "{record}", "Records received but not finished.");
    this.bytes =
        gauges.number("in_flight.bytes", "By", "Size of the records received but not finished.");
    this.parkedKeys = gauges.number("parked_keys", "{key}", "Keys that wait for a retry.");
    this.waitingDeadLetters =
        gauges.number(
            "waiting_dead_letters", "{record}", "Dead-letter records not acknowledged yet.");
    this.redelivered =
        meter
            .counterBuilder("hermes.subscriber.redelivered")
            .setDescription("Records unfinished when their partition was revoked or lost.")
            .setUnit("{record}")
            .buildObserver();
    this.transactions = gauges.transactions();
    this.faults = gauges.faults();
  }

  /** Reports this subscriber until the returned hook runs. */
  Runnable register(String group, String clientId, Supplier<SubscriberHealth> supplier) {
    Attributes owner = Attributes.of(Names.GROUP, group, Names.CLIENT_ID, clientId);
    BatchCallback callback =
        meter.batchCallback(
            () -> report(owner, supplier.get()),
            lag,
            lagAge,
            oldestAge,
            pollAge,
            responseAge,
            records,
            bytes,
            parkedKeys,
            waitingDeadLetters,
            redelivered,
            transactions,
            faults);
    return callback::close;
  }

  private void report(Attributes owner, SubscriberHealth health) {
    health.lag().forEach((partition, number) -> lag.record(number, of(owner, partition)));
    Duration oldest = health.oldestUnfinished().map(Unfinished::age).orElse(Duration.ZERO);
    Gauges.record(lagAge, health.lagAge(), owner);
    Gauges.record(oldestAge, oldest, owner);
    Gauges.record(pollAge, health.sinceLastPoll(), owner);
    Gauges.record(responseAge, health.sinceResponse(), owner);
    records.record(health.inFlightRecords(), owner);
    bytes.record(health.inFlightBytes(), owner);
    parkedKeys.record(health.parkedKeys(), owner);
    waitingDeadLetters.record(health.waitingDeadLetters(), owner);
    redelivered.record(health.counts().redelivered(), owner);
    Gauges.record(transactions, "committed", health.counts().committedTransactions(), owner);
    Gauges.record(transactions, "aborted", health.counts().abortedTransactions(), owner);
    Gauges.record(faults, health.faults(), owner);
  }

  private static Attributes of(Attributes owner, TopicPartition partition) {
    return owner.toBuilder()
        .put(Names.DESTINATION, partition.topic())
        .put(Names.PARTITION, Integer.toString(partition.partition()))
        .build();
  }
}
