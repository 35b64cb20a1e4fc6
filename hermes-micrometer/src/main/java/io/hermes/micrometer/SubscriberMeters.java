package io.hermes.micrometer;

import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.SubscriberHealth;
import io.hermes.subscribe.SubscriberObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The meters of subscribers. Thread-safe. */
final class SubscriberMeters implements SubscriberObserver {

  static final String TIMER = "hermes.handle";

  private final MeterRegistry registry;
  private final @Nullable OutcomeTimers timers;

  /** The lags of each running subscriber, by client id. */
  private final Map<String, PartitionLags> lags = new ConcurrentHashMap<>();

  SubscriberMeters(MeterRegistry registry, boolean timers) {
    this.registry = registry;
    this.timers =
        timers
            ? new OutcomeTimers(
                registry,
                TIMER,
                "Attempts to handle a record, or a batch of them",
                OutcomeTags.GROUP,
                OutcomeTags.TOPIC,
                OutcomeTags.OUTCOME,
                OutcomeTags.ERROR)
            : null;
  }

  @Override
  public Runnable started(String group, String clientId, Supplier<SubscriberHealth> health) {
    Tags tags = Tags.of(OutcomeTags.GROUP, group, OutcomeTags.CLIENT, clientId);
    ClientMeters<SubscriberHealth> meters = new ClientMeters<>(registry, tags, health);
    state(meters);
    work(meters);
    counts(meters);
    PartitionLags partitions = new PartitionLags(registry, tags);
    lags.put(clientId, partitions);
    return () -> {
      lags.remove(clientId);
      partitions.close();
      meters.close();
    };
  }

  private static void state(ClientMeters<SubscriberHealth> meters) {
    meters.gauge(
        "hermes.subscriber.healthy",
        "",
        "1 if it runs, polls and has no fault, otherwise 0",
        now -> now.isHealthy() ? 1 : 0);
    meters.faults("hermes.subscriber.faults", SubscriberHealth::faults);
    meters.duration(
        "hermes.subscriber.since.response",
        "How long ago a broker last responded",
        SubscriberHealth::sinceResponse);
    meters.duration(
        "hermes.subscriber.since.poll",
        "How long ago it last asked Kafka for records",
        SubscriberHealth::sinceLastPoll);
    meters.gauge(
        "hermes.subscriber.assigned.partitions",
        "partitions",
        "Assigned partitions",
        now -> now.assigned().size());
  }

  private static void work(ClientMeters<SubscriberHealth> meters) {
    meters.duration(
        "hermes.subscriber.lag.age",
        "How long ago the oldest figure of hermes.subscriber.lag was measured",
        SubscriberHealth::lagAge);
    meters.duration(
        "hermes.subscriber.oldest.unfinished",
        "How long ago the oldest unfinished record was received",
        now -> now.oldestUnfinished().map(SubscriberHealth.Unfinished::age).orElse(Duration.ZERO));
    meters.gauge(
        "hermes.subscriber.in.flight",
        "records",
        "Records received but not finished",
        SubscriberHealth::inFlightRecords);
    meters.gauge(
        "hermes.subscriber.in.flight.bytes",
        "bytes",
        "Size of the keys and values of these records",
        SubscriberHealth::inFlightBytes);
    meters.gauge(
        "hermes.subscriber.parked.keys",
        "keys",
        "Keys that wait for a retry",
        SubscriberHealth::parkedKeys);
    meters.gauge(
        "hermes.subscriber.waiting.dead.letters",
        "records",
        "Dead-letter records that no broker has acknowledged yet",
        SubscriberHealth::waitingDeadLetters);
  }

  private static void counts(ClientMeters<SubscriberHealth> meters) {
    meters.counter(
        "hermes.subscriber.handled",
        "records",
        "Acked records, including ignored, skipped and dead-lettered ones",
        now -> now.counts().handled());
    meters.counter(
        "hermes.subscriber.ignored",
        "records",
        "Records that were acked because they have no handler",
        now -> now.counts().ignored());
    meters.counter(
        "hermes.subscriber.failed",
        "records",
        "Attempts to handle a record that failed",
        now -> now.counts().failed());
    meters.counter(
        "hermes.subscriber.retried",
        "records",
        "Failed attempts that are retried",
        now -> now.counts().retried());
    meters.counter(
        "hermes.subscriber.dead.lettered",
        "records",
        "Records that were written to a dead-letter topic",
        now -> now.counts().deadLettered());
    meters.counter(
        "hermes.subscriber.skipped",
        "records",
        "Failed records that were acked because the error policy skips them",
        now -> now.counts().skipped());
    meters.counter(
        "hermes.subscriber.redelivered",
        "records",
        "Unfinished records whose partition was revoked or lost",
        now -> now.counts().redelivered());
    meters.counter(
        "hermes.subscriber.rebalances",
        "",
        "How often partitions were assigned, revoked or lost",
        now -> now.counts().rebalances());
    meters.outcomes(
        "hermes.subscriber.transactions",
        "Transactions of a pipe",
        Map.of(
            OutcomeTags.COMMITTED, now -> now.counts().committedTransactions(),
            OutcomeTags.ABORTED, now -> now.counts().abortedTransactions()));
    meters.counter(
        "hermes.subscriber.observer.failures",
        "",
        "Calls of observers and of the listener that threw an exception",
        now -> now.counts().observerFailures());
  }

  @Override
  public void measured(String clientId, SubscriberHealth health) {
    PartitionLags partitions = lags.get(clientId);
    if (partitions != null) {
      partitions.update(health);
    }
  }

  @Override
  public @Nullable Attempt attempt(HandlerCall call) {
    OutcomeTimers used = timers;
    return used == null ? null : new Timed(used, call.group(), call.records().get(0).topic());
  }

  private record Timed(OutcomeTimers timers, String group, String topic) implements Attempt {

    @Override
    public void ended(HandlerOutcome outcome) {
      timers.record(
          outcome.duration().toNanos(),
          List.of(
              group,
              topic,
              OutcomeTags.of(outcome),
              OutcomeTags.error(OutcomeTags.failure(outcome))));
    }
  }
}
