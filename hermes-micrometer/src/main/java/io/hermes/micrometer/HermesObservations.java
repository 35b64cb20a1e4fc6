package io.hermes.micrometer;

import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.publish.OutgoingEvent;
import io.hermes.publish.PublisherObserver;
import io.hermes.publish.Receipt;
import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.SubscriberObserver;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Creates a Micrometer observation for every published event ({@code hermes.publish}), every
 * attempt to handle ({@code hermes.handle}) and every event that a pipe's handler emits ({@code
 * hermes.pipe.emit}). The registry's handlers turn them into timers, or into the spans of
 * Micrometer Tracing.
 *
 * <p>While a handler runs, its observation is the thread's current one. The trace context travels
 * in record headers. A batch has no parent, since its records may belong to several traces. If you
 * also use hermes-opentelemetry, use these observations without a tracing handler.
 *
 * <p>Immutable and thread-safe.
 */
public final class HermesObservations {

  private static final PublishConvention PUBLISH = new PublishConvention() {};
  private static final HandleConvention HANDLE = new HandleConvention() {};
  private static final String OUTBOX = "hermes.outbox.publish";
  private static final String EMIT = "hermes.pipe.emit";

  private final ObservationRegistry registry;
  private final @Nullable PublishConvention publish;
  private final @Nullable HandleConvention handle;

  private HermesObservations(
      ObservationRegistry registry,
      @Nullable PublishConvention publish,
      @Nullable HandleConvention handle) {
    this.registry = Objects.requireNonNull(registry);
    this.publish = publish;
    this.handle = handle;
  }

  /**
   * Creates observations. Their names and key values are Hermes' own, unless the registry has a
   * global convention.
   *
   * @param registry where observations are reported
   * @return the observations
   */
  public static HermesObservations of(ObservationRegistry registry) {
    return new HermesObservations(registry, null, null);
  }

  /**
   * Returns the same observations with other names and key values for published events.
   *
   * @param convention names the observations
   * @return the observations with that convention
   */
  public HermesObservations convention(PublishConvention convention) {
    return new HermesObservations(registry, convention, handle);
  }

  /**
   * Returns the same observations with other names and key values for attempts to handle.
   *
   * @param convention names the observations
   * @return the observations with that convention
   */
  public HermesObservations convention(HandleConvention convention) {
    return new HermesObservations(registry, publish, convention);
  }

  /**
   * Observes publishers.
   *
   * @return an observer for {@code HermesPublisher.Builder.observer}
   */
  public PublisherObserver publisher() {
    return this::publishing;
  }

  /**
   * Observes subscribers.
   *
   * @return an observer for {@code SubscriberBuilder.observer}
   */
  public SubscriberObserver subscriber() {
    return new SubscriberObserver() {
      @Override
      public @Nullable Attempt attempt(HandlerCall call) {
        return handling(call);
      }
    };
  }

  /**
   * Observes the insertion of events into an outbox, as {@code hermes.outbox.publish}: its duration
   * and its failure. The relay that publishes the events later has no trace, so their headers must
   * carry the trace context.
   *
   * <pre>{@code
   * Set<Integer> shards =
   *     observations.outbox(headers -> outbox.publish(connection, event, headers));
   * }</pre>
   *
   * @param insertion runs once, on this thread, with the headers of the trace context, which are
   *     empty if there is none; its exceptions are rethrown
   * @return the result of the insertion
   */
  public <T> T outbox(Function<List<Header>, T> insertion) {
    SenderContext<List<Header>> context =
        new SenderContext<>(
            (headers, name, value) -> {
              if (headers != null) {
                headers.add(new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8)));
              }
            },
            Kind.PRODUCER);
    List<Header> headers = new ArrayList<>();
    context.setCarrier(headers);
    context.setRemoteServiceName("kafka");
    return Observation.createNotStarted(OUTBOX, () -> context, registry)
        .observe(() -> insertion.apply(headers));
  }

  private PublisherObserver.@Nullable Publication publishing(OutgoingEvent event) {
    PublishContext context = new PublishContext(event);
    Observation observation =
        Observation.createNotStarted(publish, PUBLISH, () -> context, registry);
    return observation.isNoop() ? null : new ObservedPublication(context, observation.start());
  }

  private record ObservedPublication(PublishContext context, Observation observation)
      implements PublisherObserver.Publication {

    @Override
    public void acknowledged(Receipt receipt) {
      context.setOutcome(OutcomeTags.ACKNOWLEDGED);
      observation.stop();
    }

    @Override
    public void rejected(PublishRejectedException why) {
      context.setOutcome(OutcomeTags.REJECTED);
      observation.error(OutcomeTags.failure(why)).stop();
    }

    @Override
    public void unknown(PublishUnknownException why) {
      context.setOutcome(OutcomeTags.UNKNOWN);
      observation.error(OutcomeTags.failure(why)).stop();
    }
  }

  private SubscriberObserver.@Nullable Attempt handling(HandlerCall call) {
    HandleContext context = new HandleContext(call);
    Observation observation = Observation.createNotStarted(handle, HANDLE, () -> context, registry);
    return observation.isNoop()
        ? null
        : new HandlerObservation(registry, context, observation.start());
  }

  private static final class HandlerObservation implements SubscriberObserver.Attempt {

    private final ObservationRegistry registry;
    private final HandleContext context;
    private final Observation observation;
    private volatile boolean stopped;

    HandlerObservation(
        ObservationRegistry registry, HandleContext context, Observation observation) {
      this.registry = registry;
      this.context = context;
      this.observation = observation;
    }

    /** Micrometer opens no scope for a stopped observation, and a dead letter may outlast it. */
    @Override
    public SubscriberObserver.Scope open() {
      if (stopped) {
        return () -> {};
      }
      Observation.Scope scope = observation.openScope();
      return scope::close;
    }

    @Override
    public void emitting(OutgoingEvent event) {
      SenderContext<OutgoingEvent> sender =
          new SenderContext<>(new PublishContext.TraceHeaders(), Kind.PRODUCER);
      sender.setCarrier(event);
      sender.setRemoteServiceName("kafka");
      String topic = event.topic().name();
      Observation.createNotStarted(EMIT, () -> sender, registry)
          .contextualName("emit " + topic)
          .lowCardinalityKeyValue(OutcomeTags.TOPIC, topic)
          .start()
          .stop();
    }

    @Override
    public void ended(HandlerOutcome outcome) {
      stopped = true;
      context.setOutcome(OutcomeTags.of(outcome));
      Throwable failure = OutcomeTags.failure(outcome);
      if (failure != null) {
        observation.error(failure);
      }
      observation.stop();
    }
  }
}
