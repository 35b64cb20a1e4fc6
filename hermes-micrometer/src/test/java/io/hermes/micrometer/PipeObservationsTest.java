package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.Logins.Scraped;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesPipe;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.transport.SenderContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pipe reports to Micrometer, and the trace of what it emits. */
@KafkaTest
@Timeout(60)
class PipeObservationsTest {

  /** What a tracer does when something is sent: a header that names its parent. */
  private static final class Tracing implements ObservationHandler<SenderContext<Object>> {

    @Override
    public void onStart(SenderContext<Object> context) {
      var parent = context.getParentObservation();
      context
          .getSetter()
          .set(
              context.getCarrier(),
              "traceparent",
              context.getContextualName()
                  + " in "
                  + (parent == null ? "none" : parent.getContextView().getName()));
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof SenderContext<?>;
    }
  }

  @Test
  void eachEmittedEventIsAnObservationWithinThatOfItsHandler(Kafka kafka) throws Exception {
    Scraped scraped = Scraped.fresh();
    TestObservationRegistry registry = TestObservationRegistry.create();
    registry
        .observationConfig()
        .observationHandler(new DefaultMeterObservationHandler(scraped.registry()))
        .observationHandler(new Tracing());
    HermesMetrics metrics = HermesMetrics.of(scraped.registry()).withoutTimers();
    Topic<UserEvent> input = Logins.topic(kafka, 1);
    Topic<UserEvent> output = Logins.topic(kafka, 1);
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    Logins.publish(kafka, input, 2);
    try (var pipe =
        HermesPipe.from(input)
            .to(output)
            .settings(settings)
            .group("group-" + UUID.randomUUID())
            .maxSlice(Duration.ofMillis(20))
            .observer(HermesObservations.of(registry).subscriber())
            .subscriber(builder -> builder.observer(metrics.subscriber()))
            .start(
                (delivery, out) -> {
                  out.emit(delivery.event());
                  out.emit(delivery.event());
                })) {
      Logins.await("visible", () -> traces(settings, output).size() == 4);
      assertThat(pipe.health().counts().observerFailures()).isZero();
      Logins.await("lag", () -> scraped.registry().find("hermes.subscriber.lag").gauge() != null);
      assertThat(scraped.registry().get("hermes.subscriber.healthy").gauge().value()).isEqualTo(1);
    }
    assertThat(traces(settings, output))
        .containsOnly("emit " + output.name() + " in hermes.handle");
    assertThat(scraped.registry().get("hermes.handle").timer().count()).isEqualTo(2);
    assertThat(
            scraped
                .registry()
                .get("hermes.pipe.emit")
                .tags(Tags.of("topic", output.name()))
                .timer()
                .count())
        .isEqualTo(4);
    assertThat(scraped.refused()).isEmpty();
  }

  private static List<String> traces(KafkaSettings settings, Topic<UserEvent> topic) {
    List<String> traces = new ArrayList<>();
    try (HermesReader<UserEvent> reader =
        HermesReader.builder(topic).settings(settings).from(StartAt.beginning()).toEnd().open()) {
      for (EventRecord<UserEvent> record : reader) {
        traces.add(String.valueOf(EventHeaders.text(record.headers(), "traceparent")));
      }
    }
    return traces;
  }
}
