package io.hermes.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.SenderContext;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.transaction.support.TransactionTemplate;

/** Metrics of the outbox, and the trace that its events keep. */
@KafkaTest
@Timeout(180)
@SuppressWarnings("try") // a scope that only has to be open
class OutboxObservabilityTest {

  @Test
  void theMetersOfTheOutboxAreThereOnceItIsCountedAndGoWithTheRelay(Kafka kafka) {
    Databases.with(ObservabilityTest.measured(kafka))
        .run(
            context -> {
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              Services.await(
                  "the relay runs", () -> meters.find("hermes.outbox.pending").gauge() != null);
              context
                  .getBean(TransactionTemplate.class)
                  .executeWithoutResult(
                      status ->
                          context
                              .getBean(TransactionalOutbox.class)
                              .publish(Databases.event("user")));
              FunctionCounter published = meters.get("hermes.outbox.published").functionCounter();
              Services.await("published", () -> published.count() == 1);
              assertThat(meters.get("hermes.outbox.healthy").gauge().value()).isEqualTo(1);
              assertThat(meters.get("hermes.outbox.parked").gauge().value()).isZero();
              assertThat(meters.get("hermes.outbox.pending").gauge().value()).isBetween(0.0, 1.0);
              assertThat(meters.get("hermes.outbox.oldest.age").timeGauge().value())
                  .isBetween(0.0, 60.0);
              assertThat(meters.get("hermes.outbox.unknown").functionCounter().count()).isZero();
              assertThat(meters.get("hermes.outbox.rejected").functionCounter().count()).isZero();

              context.getBean(ManagedRelay.class).stop();
              assertThat(meters.find("hermes.outbox.pending").meters()).isEmpty();
            });
  }

  /** Stands for Micrometer Tracing: gives each event that is sent the same trace. */
  private static final class Tracing implements ObservationHandler<SenderContext<Object>> {

    private final List<String> ended = new CopyOnWriteArrayList<>();

    @Override
    public void onStart(SenderContext<Object> context) {
      context.getSetter().set(context.getCarrier(), "traceparent", "of " + context.getName());
    }

    @Override
    public void onStop(SenderContext<Object> context) {
      Throwable error = context.getError();
      ended.add(context.getName() + (error == null ? "" : ": " + error.getMessage()));
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof SenderContext<?>;
    }
  }

  static class Traced {
    final List<String> traces = new CopyOnWriteArrayList<>();

    @HermesListener(group = "traced")
    void handle(Delivery<UserEvent> delivery) {
      delivery.record().headers().forEach(header -> add(header));
    }

    private void add(Header header) {
      if (header.key().equals("traceparent")) {
        traces.add(new String(header.value(), UTF_8));
      }
    }
  }

  @Test
  void anEventOfTheOutboxKeepsTheTraceOfItsTransaction(Kafka kafka) {
    ObservationRegistry registry = ObservationRegistry.create();
    Tracing tracing = new Tracing();
    registry.observationConfig().observationHandler(tracing);
    byte[] own = "own".getBytes(UTF_8);
    Databases.with(ObservabilityTest.measured(kafka))
        .withBean(ObservationRegistry.class, () -> registry)
        .withBean(Traced.class)
        .run(
            context -> {
              TransactionalOutbox outbox = context.getBean(TransactionalOutbox.class);
              context
                  .getBean(TransactionTemplate.class)
                  .executeWithoutResult(
                      status -> {
                        outbox.publish(Databases.event("user"));
                        outbox.publishAll(List.of(Databases.event("user")));
                        outbox.publish(
                            Databases.event("user"), List.of(new RecordHeader("traceparent", own)));
                      });
              List<String> traces = context.getBean(Traced.class).traces;
              Services.await("three events", () -> traces.size() == 3);
              assertThat(traces)
                  .containsExactly("of hermes.outbox.publish", "of hermes.outbox.publish", "own");
              assertThat(tracing.ended).hasSize(3).containsOnly("hermes.outbox.publish");
              assertThatThrownBy(() -> outbox.publish(Databases.event("user")))
                  .satisfies(
                      e ->
                          assertThat(tracing.ended)
                              .last()
                              .isEqualTo("hermes.outbox.publish: " + e.getMessage()));
            });
  }

  @Test
  void anEventOfTheOutboxKeepsTheTraceOfOpenTelemetry() {
    OpenTelemetry telemetry =
        OpenTelemetry.propagating(
            ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
    OutboxTrace trace = HermesOpenTelemetryAutoConfiguration.hermesOutboxTelemetry(telemetry);
    trace.around(headers -> assertThat(headers).isEmpty());
    String id = "0af7651916cd43dd8448eb211c80319c";
    SpanContext span =
        SpanContext.create(
            id, "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());
    try (Scope scope = Context.root().with(Span.wrap(span)).makeCurrent()) {
      List<Header> context = new ArrayList<>();
      trace.around(context::addAll);
      assertThat(context)
          .singleElement()
          .satisfies(header -> assertThat(header.key()).isEqualTo("traceparent"))
          .satisfies(header -> assertThat(new String(header.value(), UTF_8)).contains(id));
    }
  }
}
