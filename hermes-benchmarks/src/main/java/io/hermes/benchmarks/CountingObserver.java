package io.hermes.benchmarks;

import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.publish.OutgoingEvent;
import io.hermes.publish.PublisherObserver;
import io.hermes.publish.Receipt;
import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HandlerOutcome;
import io.hermes.subscribe.SubscriberObserver;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Does the minimum of telemetry: it counts and times each event, and opens a context while its
 * handler runs. It shows what the extension point itself costs.
 */
final class CountingObserver implements PublisherObserver, SubscriberObserver {

  private final LongAdder count = new LongAdder();
  private final LongAdder tookNs = new LongAdder();
  private static final ThreadLocal<@Nullable HandlerCall> CONTEXT = new ThreadLocal<>();

  private void ended(long ns) {
    count.increment();
    tookNs.add(ns);
  }

  @Override
  public Publication publishing(OutgoingEvent event) {
    long beginNs = System.nanoTime();
    return new Publication() {
      @Override
      public void acknowledged(Receipt receipt) {
        ended(System.nanoTime() - beginNs);
      }

      @Override
      public void rejected(PublishRejectedException why) {
        ended(System.nanoTime() - beginNs);
      }

      @Override
      public void unknown(PublishUnknownException why) {
        ended(System.nanoTime() - beginNs);
      }
    };
  }

  @Override
  public Attempt attempt(HandlerCall call) {
    return new Attempt() {
      @Override
      public Scope open() {
        CONTEXT.set(call);
        return CONTEXT::remove;
      }

      @Override
      public void ended(HandlerOutcome outcome) {
        CountingObserver.this.ended(outcome.duration().toNanos());
      }
    };
  }
}
