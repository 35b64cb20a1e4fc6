package io.hermes.opentelemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hermes.publish.OutgoingEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The trace context in record headers, as UTF-8 text. Immutable. */
final class Propagation {

  /** Not part of the trace context, so a caller that sets only this has not set a trace context. */
  private static final String BAGGAGE = "baggage";

  private final TextMapPropagator propagator;
  private final List<String> traceHeaders;

  Propagation(TextMapPropagator propagator) {
    this.propagator = propagator;
    this.traceHeaders = new ArrayList<>(propagator.fields());
    traceHeaders.remove(BAGGAGE);
  }

  /** Whether the caller of {@code publish} has set a trace context, which is then kept. */
  boolean isSetByCaller(OutgoingEvent event) {
    for (String name : traceHeaders) {
      if (event.header(name) != null) {
        return true;
      }
    }
    return false;
  }

  /** Returns the context that the caller has set; invalid if it cannot be read. */
  SpanContext callers(OutgoingEvent event) {
    return Span.fromContext(propagator.extract(Context.root(), event, CallersHeaders.GETTER))
        .getSpanContext();
  }

  /** Adds the context to an event whose caller has not set one. */
  void inject(Context context, OutgoingEvent event) {
    propagator.inject(context, event, NewHeaders.SETTER);
  }

  /** Returns the context from a record's headers, ignoring this thread's current context. */
  Context extract(Headers headers) {
    return propagator.extract(Context.root(), headers, RecordHeaders.GETTER);
  }

  private static @Nullable String text(byte @Nullable [] value) {
    return value == null ? null : new String(value, UTF_8);
  }

  private enum CallersHeaders implements TextMapGetter<OutgoingEvent> {
    GETTER;

    @Override
    public @Nullable String get(@Nullable OutgoingEvent event, String key) {
      return event == null ? null : text(event.header(key));
    }
  }

  private enum NewHeaders implements TextMapSetter<OutgoingEvent> {
    SETTER;

    @Override
    public void set(@Nullable OutgoingEvent event, String key, String value) {
      if (event != null && event.header(key) == null) {
        event.addHeader(key, value.getBytes(UTF_8));
      }
    }
  }

  private enum RecordHeaders implements TextMapGetter<Headers> {
    GETTER;

    @Override
    @SuppressWarnings("deprecation") // propagators that use one header per baggage entry call this
    public Iterable<String> keys(Headers headers) {
      List<String> keys = new ArrayList<>();
      headers.forEach(header -> keys.add(header.key()));
      return keys;
    }

    @Override
    public @Nullable String get(@Nullable Headers headers, String key) {
      Header last = headers == null ? null : headers.lastHeader(key);
      return last == null ? null : text(last.value());
    }
  }
}
