package io.hermes.opentelemetry;

import io.hermes.EventRecord;
import io.hermes.subscribe.HandlerCall;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The metrics that are recorded at the end of each attempt. Thread-safe. */
final class ProcessMetrics {

  private static final double NANOS_PER_SECOND = 1e9;

  private final DoubleHistogram duration;
  private final LongCounter consumed;
  private final LongCounter failures;
  private final ConcurrentMap<Source, Attributes> successes = new ConcurrentHashMap<>();

  private record Source(String group, String topic, int partition) {}

  ProcessMetrics(Meter meter) {
    this.duration =
        meter
            .histogramBuilder("messaging.process.duration")
            .setDescription("Duration of processing operation.")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(Names.DURATIONS)
            .build();
    this.consumed =
        meter
            .counterBuilder("messaging.client.consumed.messages")
            .setDescription("Number of messages that were delivered to the application.")
            .setUnit("{message}")
            .build();
    this.failures =
        meter
            .counterBuilder("hermes.subscriber.failures")
            .setDescription("Records that failed an attempt, by the decision about them.")
            .setUnit("{record}")
            .build();
  }

  /** Records that an attempt has ended. A retry delivers its records to the application again. */
  void attempted(HandlerCall call, Duration took, @Nullable String errorType, Context context) {
    EventRecord<?> first = call.records().get(0);
    Attributes attributes =
        successes.computeIfAbsent(
            new Source(call.group(), first.topic(), first.partition()), ProcessMetrics::of);
    if (errorType != null) {
      attributes = attributes.toBuilder().put(Names.ERROR_TYPE, errorType).build();
    }
    duration.record(took.toNanos() / NANOS_PER_SECOND, attributes, context);
    consumed.add(call.records().size(), attributes, context);
  }

  private static Attributes of(Source source) {
    return Attributes.builder()
        .put(Names.SYSTEM, Names.KAFKA)
        .put(Names.OPERATION, Names.PROCESS)
        .put(Names.DESTINATION, source.topic)
        .put(Names.PARTITION, Integer.toString(source.partition))
        .put(Names.GROUP, source.group)
        .build();
  }

  /** Records the decision about a record that failed. */
  void failed(HandlerCall call, String errorType, String outcome, Context context) {
    failures.add(
        1,
        Attributes.of(
            Names.DESTINATION,
            call.records().get(0).topic(),
            Names.GROUP,
            call.group(),
            Names.ERROR_TYPE,
            errorType,
            Names.OUTCOME,
            outcome),
        context);
  }
}
