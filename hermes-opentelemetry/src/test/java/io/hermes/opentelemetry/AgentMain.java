package io.hermes.opentelemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A service under an OpenTelemetry agent: publishes two events, the second with a trace context of
 * the caller; the first is dead-lettered, the second handled; a pipe emits an event for each; then
 * it reads the topic, and sends a record without Hermes.
 */
public final class AgentMain {

  private AgentMain() {}

  /** Arguments: the bootstrap servers, the topic, the caller's traceparent. */
  @SuppressWarnings("try") // a subscriber that only runs
  public static void main(String[] args) throws Exception {
    KafkaSettings settings = // with the agent everything takes longer at first
        KafkaSettings.builder()
            .bootstrapServers(args[0])
            .openTimeout(Duration.ofSeconds(60))
            .build();
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, args[1]).keyField("user_id").typeField("event_type").build();
    HermesTelemetry telemetry = HermesTelemetry.create(GlobalOpenTelemetry.get());
    Span caller = GlobalOpenTelemetry.getTracer("test").spanBuilder("caller").startSpan();
    try (Scope scope = caller.makeCurrent();
        HermesPublisher<UserEvent> publisher =
            HermesPublisher.builder(topic)
                .settings(settings)
                .observer(telemetry.publisher())
                .open()) {
      publisher.publishAndWait(Users.event(1), Duration.ofSeconds(30));
      var own = new RecordHeader("traceparent", args[2].getBytes(UTF_8));
      publisher.publish(Users.event(2), List.of(own)).join();
    } finally {
      caller.end();
    }
    CountDownLatch over = new CountDownLatch(2);
    try (HermesSubscriber subscriber =
        HermesSubscriber.builder(topic)
            .settings(settings)
            .group(args[1])
            .onError(ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
            .observer(telemetry.subscriber())
            .listener(DeadLettered.countDown(over))
            .start(
                delivery -> {
                  if (delivery.record().offset() == 0) {
                    throw new IllegalStateException("no account");
                  }
                  over.countDown();
                })) {
      over.await();
      subscriber.drain(Duration.ofSeconds(20));
    }
    pipe(topic, settings, telemetry);
    try (HermesReader<UserEvent> reader =
        HermesReader.builder(topic).settings(settings).toEnd().open()) {
      for (EventRecord<UserEvent> record : reader) {
        look(record.toString());
      }
    }
    look("after reading");
    try (var raw =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", args[0]), new StringSerializer(), new StringSerializer())) {
      raw.send(new ProducerRecord<>(args[1], "what the agent makes of Kafka's own client")).get();
    }
  }

  /** Emits one event for each of the two. */
  @SuppressWarnings("try") // a pipe that only runs
  private static void pipe(Topic<UserEvent> topic, KafkaSettings settings, HermesTelemetry by)
      throws Exception {
    CountDownLatch committed = new CountDownLatch(1);
    try (HermesSubscriber pipe =
        HermesPipe.from(topic)
            .to(topic.withName(topic.name() + "-out"))
            .settings(settings)
            .group(topic.name() + "-pipe")
            .maxSlice(Duration.ofSeconds(5))
            .maxEvents(2)
            .observer(by.subscriber())
            .listener(
                new SubscriberListener() {
                  @Override
                  public void committed(Map<TopicPartition, Long> offsets) {
                    if (offsets.containsValue(2L)) {
                      committed.countDown();
                    }
                  }
                })
            .start((delivery, out) -> out.emit(delivery.event()))) {
      committed.await();
    }
  }

  private static void look(String where) {
    System.out.println(where + ": current span " + Span.current().getSpanContext().getSpanId());
  }
}
