package io.hermes.opentelemetry;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.testkit.Kafka;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A topic of user events that one test has for itself, and telemetry kept in memory. */
final class Users implements AutoCloseable {

  static final ErrorPolicy AT_ONCE =
      ErrorPolicy.retry(3).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final HermesTelemetry telemetry = HermesTelemetry.create(sdk);
  private final String bootstrapServers;
  private final Topic<UserEvent> topic;
  private final String group = "billing-" + UUID.randomUUID();

  Users(Kafka kafka, int partitions) {
    this.bootstrapServers = kafka.bootstrapServers();
    this.topic =
        Topic.builder(UserEvent.class, kafka.uniqueTopic("users", partitions))
            .keyField("user_id")
            .typeField("event_type")
            .build();
  }

  /** An event that has something in it which telemetry must not have. */
  static UserEvent event(int number) {
    return UserEvent.newBuilder()
        .setUserId("secret-user-" + number)
        .setEventId("secret-event-" + number)
        .build();
  }

  Topic<UserEvent> topic() {
    return topic;
  }

  String group() {
    return group;
  }

  HermesTelemetry telemetry() {
    return telemetry;
  }

  Tracer tracer() {
    return sdk.getTracer("test");
  }

  KafkaSettings settings() {
    return KafkaSettings.builder()
        .bootstrapServers(bootstrapServers)
        .property("auto.commit.interval.ms", 50)
        .property("heartbeat.interval.ms", 300)
        .build();
  }

  HermesPublisher<UserEvent> publisher() {
    return HermesPublisher.builder(topic)
        .settings(settings())
        .observer(telemetry.publisher())
        .open();
  }

  SubscriberBuilder<UserEvent> subscriber() {
    return HermesSubscriber.builder(topic)
        .settings(settings())
        .group(group)
        .onError(AT_ONCE)
        .observer(telemetry.subscriber());
  }

  /** Publishes each in a trace of its own; the spans that surround the calls. */
  List<Span> publishInTraces(int events) {
    List<Span> callers = new ArrayList<>();
    try (HermesPublisher<UserEvent> publisher = publisher()) {
      for (int number = 0; number < events; number++) {
        int of = number;
        callers.add(inSpan(() -> publisher.publish(event(of)).join()));
      }
    }
    return callers;
  }

  @SuppressWarnings("try") // a scope that only has to be open
  Span inSpan(Supplier<?> code) {
    Span caller = tracer().spanBuilder("caller").setNoParent().startSpan();
    try (Scope scope = caller.makeCurrent()) {
      var unused = code.get();
    } finally {
      caller.end();
    }
    return caller;
  }

  /** The ended spans of this name, but for the topic's, in the order of their end. */
  List<SpanData> spans(String operation) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getName().equals(operation + " " + topic.name()))
        .toList();
  }

  List<SpanData> spans() {
    return spans.getFinishedSpanItems();
  }

  List<SpanData> awaitSpans(String operation, int number) throws Exception {
    await(number + " spans " + operation, () -> spans(operation).size() >= number);
    List<SpanData> found = spans(operation);
    if (found.size() > number) {
      throw new AssertionError("More than " + number + ": " + found);
    }
    return found;
  }

  /** What is collected now. */
  List<MetricData> metrics() {
    return List.copyOf(metrics.collectAllMetrics());
  }

  Optional<MetricData> metric(String name) {
    return metrics().stream().filter(metric -> metric.getName().equals(name)).findFirst();
  }

  static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("Not within 30 s: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** All records that a topic of one partition has now. */
  List<ConsumerRecord<byte[], byte[]>> read(String name) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(name, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  @Override
  public void close() {
    sdk.close();
  }
}
