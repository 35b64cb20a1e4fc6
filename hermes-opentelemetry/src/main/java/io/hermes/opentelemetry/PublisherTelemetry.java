package io.hermes.opentelemetry;

import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.publish.OutgoingEvent;
import io.hermes.publish.PublisherHealth;
import io.hermes.publish.PublisherObserver;
import io.hermes.publish.Receipt;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A span {@code send T} from publish to outcome, and the metrics of publishers. Thread-safe. */
final class PublisherTelemetry implements PublisherObserver {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Tracer tracer;
  private final Propagation propagation;
  private final DoubleHistogram duration;
  private final LongCounter sent;
  private final PublisherGauges gauges;
  private final ConcurrentMap<String, Attributes> spanAttributes = new ConcurrentHashMap<>();
  private final ConcurrentMap<TopicPartition, Measured> acknowledged = new ConcurrentHashMap<>();

  PublisherTelemetry(Tracer tracer, Meter meter, Propagation propagation) {
    this.tracer = tracer;
    this.propagation = propagation;
    this.duration =
        meter
            .histogramBuilder("messaging.client.operation.duration")
            .setDescription(
                "Duration of messaging operation initiated by a producer or consumer client.")
            .setUnit("s")
            .setExplicitBucketBoundariesAdvice(Names.DURATIONS)
            .build();
    this.sent =
        meter
            .counterBuilder("messaging.client.sent.messages")
            .setDescription("Number of messages producer attempted to send to the broker.")
            .setUnit("{message}")
            .build();
    this.gauges = new PublisherGauges(meter);
  }

  @Override
  public Runnable opened(String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
    return gauges.register(clientId, health);
  }

  @Override
  public Publication publishing(OutgoingEvent event) {
    String topic = event.topic().name();
    Context caller = Context.current();
    boolean setByCaller = propagation.isSetByCaller(event);
    SpanBuilder builder =
        tracer
            .spanBuilder(Names.SEND + " " + topic)
            .setParent(caller)
            .setSpanKind(setByCaller ? SpanKind.CLIENT : SpanKind.PRODUCER)
            .setAllAttributes(
                spanAttributes.computeIfAbsent(topic, name -> Names.ofSpan(Names.SEND, name)))
            .setAttribute(Names.CLIENT_ID, event.clientId());
    if (event.event().isEmpty()) {
      builder.setAttribute(Names.TOMBSTONE, true);
    }
    if (setByCaller) {
      builder.addLink(propagation.callers(event)); // left out if it is not valid
    }
    Span span = builder.startSpan();
    Context context = caller.with(span);
    if (!setByCaller) {
      propagation.inject(context, event);
    }
    return new Sending(topic, span, context);
  }

  /** The attributes of both metrics. */
  private record Measured(Attributes duration, Attributes sent) {

    static Measured of(String topic, @Nullable String partition, @Nullable String errorType) {
      AttributesBuilder attributes =
          Attributes.builder()
              .put(Names.SYSTEM, Names.KAFKA)
              .put(Names.OPERATION, Names.SEND)
              .put(Names.DESTINATION, topic);
      if (partition != null) {
        attributes.put(Names.PARTITION, partition);
      }
      if (errorType != null) {
        attributes.put(Names.ERROR_TYPE, errorType);
      }
      Attributes sent = attributes.build();
      return new Measured(attributes.put(Names.OPERATION_TYPE, Names.SEND).build(), sent);
    }
  }

  /** One event in flight. */
  private final class Sending implements Publication {

    private final String topic;
    private final Span span;
    private final Context context;
    private final long beginNs = System.nanoTime();

    Sending(String topic, Span span, Context context) {
      this.topic = topic;
      this.span = span;
      this.context = context;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the publisher closes it
    public Runnable sending() {
      Scope silence = AgentSilence.CONTEXT.makeCurrent();
      return silence::close;
    }

    @Override
    public void acknowledged(Receipt receipt) {
      if (span.isRecording()) {
        span.setAttribute(Names.PARTITION, Integer.toString(receipt.partition()));
        if (receipt.offset() >= 0) {
          span.setAttribute(Names.OFFSET, receipt.offset());
        }
      }
      end(
          "acknowledged",
          PublisherTelemetry.this.acknowledged.computeIfAbsent(
              new TopicPartition(topic, receipt.partition()),
              to -> Measured.of(topic, Integer.toString(to.partition()), null)));
    }

    @Override
    public void rejected(PublishRejectedException why) {
      failed("rejected", why);
    }

    @Override
    public void unknown(PublishUnknownException why) {
      failed("unknown", why);
    }

    private void failed(String outcome, PublishException why) {
      Throwable cause = why.getCause();
      String errorType = Names.errorType(cause == null ? why : cause);
      span.setStatus(StatusCode.ERROR);
      span.setAttribute(Names.ERROR_TYPE, errorType);
      end(outcome, Measured.of(topic, null, errorType));
    }

    private void end(String outcome, Measured attributes) {
      span.setAttribute(Names.OUTCOME, outcome);
      span.end();
      duration.record(
          (System.nanoTime() - beginNs) / NANOS_PER_SECOND, attributes.duration, context);
      sent.add(1, attributes.sent, context);
    }
  }
}
