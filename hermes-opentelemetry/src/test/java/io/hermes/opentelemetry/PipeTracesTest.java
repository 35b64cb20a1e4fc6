package io.hermes.opentelemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The traces of events that a pipe handles and emits. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a pipe that only runs
class PipeTracesTest {

  private static final String CALLERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void whatIsEmittedContinuesTheTraceOfTheAttemptThatSucceeded(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String name = kafka.uniqueTopic("out", 1);
      Topic<UserEvent> output =
          Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
      Span caller = users.publishInTraces(1).get(0);
      try (HermesSubscriber pipe =
          HermesPipe.from(users.topic())
              .to(output)
              .settings(users.settings())
              .group(users.group())
              .maxSlice(Duration.ofMillis(20))
              .onError(Users.AT_ONCE)
              .observer(users.telemetry().subscriber())
              .start(
                  (delivery, out) -> {
                    out.emit(delivery.event());
                    out.emit(
                        delivery.event(),
                        List.of(new RecordHeader("traceparent", CALLERS.getBytes(UTF_8))));
                    if (delivery.attempt() == 1) {
                      throw new IllegalStateException("told to");
                    }
                    out.emitTombstone(UserEvent.class, "user-2");
                  })) {
        users.awaitSpans("process", 2);
        Users.await("three records", () -> users.read(name).size() == 3);
        // On a busy machine, where it began is committed by itself before that.
        Users.await("its commit is counted", () -> committed(users) > 0);
        assertThat(pipe.health().isHealthy()).isTrue();
      }
      SpanData handled = users.spans("process").get(1);
      assertThat(handled.getTraceId()).isEqualTo(caller.getSpanContext().getTraceId());
      String flags = handled.getSpanContext().getTraceFlags().asHex();
      String expected = "00-" + handled.getTraceId() + "-" + handled.getSpanId() + "-" + flags;
      List<ConsumerRecord<byte[], byte[]>> records = users.read(name);
      assertThat(records)
          .extracting(record -> EventHeaders.text(record.headers(), "traceparent"))
          .containsExactlyInAnyOrder(expected, CALLERS, expected);
      assertThat(users.spans()).extracting(SpanData::getName).doesNotContain("send " + name);
      assertThat(users.metric("messaging.process.duration"))
          .map(metric -> metric.getHistogramData().getPoints().size())
          .isEqualTo(Optional.of(2)); // with and without an error
      assertThat(users.spans().toString()).doesNotContain("secret");
    }
  }

  private static long committed(Users users) {
    return users
        .metric("hermes.subscriber.transactions")
        .orElseThrow()
        .getLongSumData()
        .getPoints()
        .stream()
        .filter(point -> "committed".equals(point.getAttributes().get(Names.OUTCOME)))
        .mapToLong(LongPointData::getValue)
        .sum();
  }
}
