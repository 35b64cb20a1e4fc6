package io.hermes.cli.dlt;

import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.cli.Run;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.opentelemetry.HermesTelemetry;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The trace of an event goes on when its dead letter is put back. */
@KafkaTest
@Timeout(120)
@SuppressWarnings("try") // subscribers that only have to run
class DltTracesTest {

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final HermesTelemetry telemetry = HermesTelemetry.create(sdk);

  @AfterEach
  void close() {
    sdk.close();
  }

  @Test
  void anEventThatIsDeadLetteredRedrivenAndHandledKeepsItsTrace(Kafka kafka) throws Exception {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, kafka.uniqueTopic("users", 1)).keyField("user_id").build();
    Span caller = publish(topic, settings);
    CountDownLatch dead = new CountDownLatch(1);
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void deadLettered(EventRecord<?> record, Throwable failure) {
            dead.countDown();
          }
        };
    try (HermesSubscriber failing =
        subscriber(topic, settings)
            .listener(listener)
            .start(
                delivery -> {
                  throw new IllegalStateException("no account");
                })) {
      dead.await();
    }
    String letters = DeadLetterHeaders.topicOf(topic.name());
    Run redrive = Run.hermes(kafka.bootstrapServers(), "dlt", "redrive", letters, "--yes");
    assertThat(redrive.exitCode()).as(redrive.err()).isZero();
    BlockingQueue<String> contexts = new LinkedBlockingQueue<>();
    try (HermesSubscriber handling =
        subscriber(topic, settings)
            .start(
                delivery ->
                    delivery
                        .record()
                        .headers()
                        .headers("traceparent")
                        .forEach(header -> contexts.add(new String(header.value(), UTF_8))))) {
      assertThat(contexts.poll(60, TimeUnit.SECONDS))
          .contains(caller.getSpanContext().getTraceId());
    }
    assertThat(contexts).as("one header").isEmpty();
    List<SpanData> attempts =
        spans.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals("process " + topic.name()))
            .toList();
    assertThat(attempts)
        .allMatch(span -> span.getTraceId().equals(caller.getSpanContext().getTraceId()))
        .extracting(span -> span.getAttributes().get(stringKey("hermes.outcome")))
        .containsExactly("dead_letter", "handled");
  }

  private SubscriberBuilder<UserEvent> subscriber(Topic<UserEvent> topic, KafkaSettings settings) {
    return HermesSubscriber.builder(topic)
        .settings(settings)
        .group("billing-of-" + topic.name())
        .onError(ErrorPolicy.retry(1))
        .observer(telemetry.subscriber());
  }

  private Span publish(Topic<UserEvent> topic, KafkaSettings settings) {
    Span caller = sdk.getTracer("test").spanBuilder("caller").setNoParent().startSpan();
    try (HermesPublisher<UserEvent> publisher =
            HermesPublisher.builder(topic)
                .settings(settings)
                .observer(telemetry.publisher())
                .open();
        Scope scope = caller.makeCurrent()) {
      UserEvent event = UserEvent.newBuilder().setUserId("user").setEventId("event").build();
      publisher.publishAndWait(event, Duration.ofSeconds(30));
    }
    caller.end();
    return caller;
  }
}
