package io.hermes.micrometer;

import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.publish.OutgoingEvent;
import io.hermes.publish.PublisherHealth;
import io.hermes.publish.PublisherHealth.Transactions;
import io.hermes.publish.PublisherObserver;
import io.hermes.publish.Receipt;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of publishers. Thread-safe. */
final class PublisherMeters implements PublisherObserver {

  static final String TIMER = "hermes.publish";

  private final MeterRegistry registry;
  private final @Nullable OutcomeTimers timers;

  PublisherMeters(MeterRegistry registry, boolean timers) {
    this.registry = registry;
    this.timers =
        timers
            ? new OutcomeTimers(
                registry,
                TIMER,
                "Time from the call of publish to its outcome",
                OutcomeTags.TOPIC,
                OutcomeTags.OUTCOME,
                OutcomeTags.ERROR)
            : null;
  }

  @Override
  public Runnable opened(String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
    ClientMeters<PublisherHealth> meters =
        new ClientMeters<>(registry, Tags.of(OutcomeTags.CLIENT, clientId), health);
    meters.gauge(
        "hermes.publisher.healthy",
        "",
        "1 if it is open and has no fault, otherwise 0",
        now -> now.isHealthy() ? 1 : 0);
    meters.faults("hermes.publisher.faults", PublisherHealth::faults);
    meters.duration(
        "hermes.publisher.since.response",
        "How long ago a broker last responded",
        PublisherHealth::sinceResponse);
    meters.gauge(
        "hermes.publisher.in.flight",
        "records",
        "Events in flight, or acknowledged and waiting for their continuations",
        PublisherHealth::inFlightRecords);
    meters.gauge(
        "hermes.publisher.in.flight.bytes",
        "bytes",
        "Size of these events before compression",
        PublisherHealth::inFlightBytes);
    meters.counter(
        "hermes.publisher.observer.failures",
        "",
        "Calls of observers that threw an exception",
        PublisherHealth::observerFailures);
    if (health.get().transactions().isPresent()) {
      meters.outcomes(
          "hermes.publisher.transactions",
          "Transactions that have ended",
          Map.of(
              OutcomeTags.COMMITTED, count(Transactions::committed),
              OutcomeTags.ABORTED, count(Transactions::aborted),
              OutcomeTags.UNKNOWN, count(Transactions::unknown)));
    }
    return meters::close;
  }

  private static ToDoubleFunction<PublisherHealth> count(ToDoubleFunction<Transactions> which) {
    return now -> now.transactions().map(which::applyAsDouble).orElse(0.0);
  }

  @Override
  public @Nullable Publication publishing(OutgoingEvent event) {
    OutcomeTimers used = timers;
    return used == null ? null : new Timed(used, event.topic().name(), used.nowNs());
  }

  private record Timed(OutcomeTimers timers, String topic, long beginNs) implements Publication {

    @Override
    public void acknowledged(Receipt receipt) {
      end(OutcomeTags.ACKNOWLEDGED, null);
    }

    @Override
    public void rejected(PublishRejectedException why) {
      end(OutcomeTags.REJECTED, OutcomeTags.failure(why));
    }

    @Override
    public void unknown(PublishUnknownException why) {
      end(OutcomeTags.UNKNOWN, OutcomeTags.failure(why));
    }

    private void end(String outcome, @Nullable Throwable failure) {
      timers.record(timers.nowNs() - beginNs, List.of(topic, outcome, OutcomeTags.error(failure)));
    }
  }
}
