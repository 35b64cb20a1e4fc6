package io.hermes.examples.observability;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.opentelemetry.HermesTelemetry;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The snippets of docs/observability.md. */
@KafkaTest
@Timeout(120)
@SuppressWarnings("try") // a scope that only has to be open
class ObservabilityGuideTest {

  private final KafkaSettings settings;
  private final BlockingQueue<String> traces = new LinkedBlockingQueue<>();

  ObservabilityGuideTest(Kafka kafka) {
    settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  @Test
  void aTraceGoesFromTheCallerToTheHandler() throws Exception {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(Topic.of(UserEvent.class));
    }
    InMemorySpanExporter spans = InMemorySpanExporter.create();
    try (OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build()) {
      String trace = publishAndHandle(sdk, "traces-" + UUID.randomUUID());
      assertThat(spans.getFinishedSpanItems())
          .filteredOn(span -> span.getTraceId().equals(trace))
          .extracting(SpanData::getName)
          .contains("send user.events", "process user.events");
    }
  }

  private String publishAndHandle(OpenTelemetry openTelemetry, String group) throws Exception {
    HermesTelemetry telemetry = HermesTelemetry.create(openTelemetry);
    var publisher =
        HermesPublisher.builder(UserEvent.class)
            .settings(settings)
            .observer(telemetry.publisher())
            .open();
    var subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group(group)
            .observer(telemetry.subscriber())
            .start(this::bill);
    Span caller = openTelemetry.getTracer("test").spanBuilder("A").startSpan();
    String trace = caller.getSpanContext().getTraceId();
    try (publisher;
        subscriber) {
      try (Scope scope = caller.makeCurrent()) {
        UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
        publisher.publishAndWait(event, ofSeconds(20));
      }
      while (!trace.equals(traces.poll(30, SECONDS))) {
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
      subscriber.drain(ofSeconds(20));
    }
    caller.end();
    return trace;
  }

  private void bill(Delivery<UserEvent> delivery) throws Exception {
    stage(delivery, new ForkJoinPool(1)).toCompletableFuture().get(20, SECONDS);
  }

  private CompletionStage<?> stage(Delivery<UserEvent> delivery, ForkJoinPool pool) {
    CompletionStage<?> stage =
        CompletableFuture.supplyAsync(() -> call(delivery.event()), delivery.withContext(pool));
    return stage;
  }

  private boolean call(UserEvent event) {
    assertThat(event.getUserId()).isNotEmpty();
    return traces.add(Span.current().getSpanContext().getTraceId());
  }
}
