package io.hermes.benchmarks;

import io.hermes.micrometer.HermesMetrics;
import io.hermes.opentelemetry.HermesTelemetry;
import io.hermes.publish.PublisherObserver;
import io.hermes.subscribe.SubscriberObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Collection;

/**
 * The observer of a contestant: {@code observed} (a {@link CountingObserver}), {@code metered}
 * (Micrometer), or OpenTelemetry's SDK configured as in a service, with exporters that drop
 * everything, and with all traces sampled ({@code traced}) or none ({@code unsampled}).
 */
final class ObserverChoice {

  private ObserverChoice() {}

  static PublisherObserver publisher(String name) {
    return switch (name) {
      case "observed" -> new CountingObserver();
      case "metered" -> HermesMetrics.of(new SimpleMeterRegistry()).publisher();
      default -> telemetry(name).publisher();
    };
  }

  static SubscriberObserver subscriber(String name) {
    return switch (name) {
      case "observed" -> new CountingObserver();
      case "metered" -> HermesMetrics.of(new SimpleMeterRegistry()).subscriber();
      default -> telemetry(name).subscriber();
    };
  }

  private static HermesTelemetry telemetry(String name) {
    boolean sampled = name.equals("traced");
    if (!sampled && !name.equals("unsampled")) {
      throw new IllegalArgumentException(name + " is not observed, metered, traced or unsampled");
    }
    return HermesTelemetry.create(
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .setSampler(sampled ? Sampler.alwaysOn() : Sampler.alwaysOff())
                    .addSpanProcessor(BatchSpanProcessor.builder(SpanExporter.composite()).build())
                    .build())
            .setMeterProvider(
                SdkMeterProvider.builder()
                    .registerMetricReader(PeriodicMetricReader.create(new NoMetrics()))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build());
  }

  private static final class NoMetrics implements MetricExporter {

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode export(Collection<MetricData> metrics) {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
