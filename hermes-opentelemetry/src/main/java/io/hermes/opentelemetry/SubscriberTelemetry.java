package io.hermes.opentelemetry;

import io.hermes.EventRecord;
import io.hermes.publish.OutgoingEvent;
import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.HandlerOutcome.Failed;
import io.hermes.subscribe.SubscriberHealth;
import io.hermes.subscribe.SubscriberObserver;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** A span {@code process T} for each attempt, and the metrics of subscribers. Thread-safe. */
final class SubscriberTelemetry implements SubscriberObserver {

  private final Tracer tracer;
  private final Propagation propagation;
  private final ProcessMetrics metrics;
  private final SubscriberGauges gauges;
  private final ConcurrentMap<String, Attributes> spanAttributes = new ConcurrentHashMap<>();

  SubscriberTelemetry(Tracer tracer, Meter meter, Propagation propagation) {
    this.tracer = tracer;
    this.propagation = propagation;
    this.metrics = new ProcessMetrics(meter);
    this.gauges = new SubscriberGauges(meter);
  }

  @Override
  public Runnable started(String group, String clientId, Supplier<SubscriberHealth> health) {
    return gauges.register(group, clientId, health);
  }

  @Override
  public Attempt attempt(HandlerCall call) {
    EventRecord<?> first = call.records().get(0);
    SpanBuilder builder =
        tracer
            .spanBuilder(Names.PROCESS + " " + first.topic())
            .setSpanKind(SpanKind.CONSUMER)
            .setAllAttributes(
                spanAttributes.computeIfAbsent(
                    first.topic(), name -> Names.ofSpan(Names.PROCESS, name)))
            .setAttribute(Names.PARTITION, Integer.toString(first.partition()))
            .setAttribute(Names.GROUP, call.group())
            .setAttribute(Names.CLIENT_ID, call.clientId())
            .setAttribute(Names.ATTEMPT, (long) call.attempt());
    Context parent =
        call.isBatch() ? linkAll(builder, call) : parentOf(builder, first); // not the current one
    Span span = builder.setParent(parent).startSpan();
    return new Handling(call, span, parent.with(span));
  }

  private Context parentOf(SpanBuilder builder, EventRecord<?> record) {
    builder.setAttribute(Names.OFFSET, record.offset());
    if (record.isTombstone()) {
      builder.setAttribute(Names.TOMBSTONE, true);
    }
    Context sender = propagation.extract(record.headers());
    SpanContext link = Span.fromContext(sender).getSpanContext();
    if (link.isValid()) {
      builder.addLink(link);
    }
    return sender;
  }

  private Context linkAll(SpanBuilder builder, HandlerCall call) {
    builder.setAttribute(Names.BATCH_SIZE, (long) call.records().size());
    for (EventRecord<?> record : call.records()) {
      SpanContext link = Span.fromContext(propagation.extract(record.headers())).getSpanContext();
      if (link.isValid()) {
        builder.addLink(link, Attributes.of(Names.OFFSET, record.offset()));
      }
    }
    return Context.root();
  }

  /** Returns the outcome of an attempt for a record that failed. */
  private static String outcome(Failed failed) {
    return failed
        .decision()
        .map(decision -> decision.name().toLowerCase(Locale.ROOT))
        .orElse("given_up");
  }

  /** One attempt. */
  private final class Handling implements Attempt {

    private final HandlerCall call;
    private final Span span;
    private final Context context;

    Handling(HandlerCall call, Span span, Context context) {
      this.call = call;
      this.span = span;
      this.context = context;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the subscriber closes it
    public Scope open() {
      io.opentelemetry.context.Scope current = context.makeCurrent();
      return current::close;
    }

    /**
     * Adds the trace context, so that handlers of the emitted event continue the trace. The event
     * is written later, with its transaction.
     */
    @Override
    public void emitting(OutgoingEvent event) {
      if (!propagation.isSetByCaller(event)) {
        propagation.inject(Context.current(), event);
      }
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the subscriber closes it
    public Scope sending() {
      io.opentelemetry.context.Scope silence = AgentSilence.CONTEXT.makeCurrent();
      return silence::close;
    }

    @Override
    public void ended(HandlerOutcome outcome) {
      String errorType = null;
      if (outcome.isSuccess()) {
        span.setAttribute(Names.OUTCOME, "handled");
      } else {
        Failed first = outcome.failed().get(0);
        span.setAttribute(Names.OUTCOME, outcome(first));
        if (first.decision().isPresent()) { // otherwise it was interrupted and does not count
          errorType = Names.errorType(first.failure());
          span.setAttribute(Names.ERROR_TYPE, errorType);
          span.setStatus(StatusCode.ERROR);
        }
        for (Failed failed : outcome.failed()) {
          failed(failed);
        }
      }
      span.end();
      metrics.attempted(call, outcome.duration(), errorType, context);
    }

    private void failed(Failed failed) {
      String errorType = Names.errorType(failed.failure());
      if (call.isBatch()) {
        span.addEvent(
            "hermes.failed",
            Attributes.of(
                Names.OFFSET,
                failed.record().offset(),
                Names.ERROR_TYPE,
                errorType,
                Names.OUTCOME,
                outcome(failed)));
      }
      if (failed.decision().isPresent()) {
        metrics.failed(call, errorType, outcome(failed), context);
      }
    }
  }
}
