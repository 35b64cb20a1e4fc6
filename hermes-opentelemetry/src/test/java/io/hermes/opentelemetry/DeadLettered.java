package io.hermes.opentelemetry;

import io.hermes.EventRecord;
import io.hermes.subscribe.SubscriberListener;
import java.util.concurrent.CountDownLatch;

/** Counts dead letters that are written. */
final class DeadLettered {

  private DeadLettered() {}

  static SubscriberListener countDown(CountDownLatch latch) {
    return new SubscriberListener() {
      @Override
      public void deadLettered(EventRecord<?> record, Throwable failure) {
        latch.countDown();
      }
    };
  }
}
