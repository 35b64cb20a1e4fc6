package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class OutstandingTest {

  private final Outstanding outstanding = new Outstanding();

  @Test
  void waitsForThoseBeforeItAndNotForThoseAfterIt() throws Exception {
    Outstanding.Group before = outstanding.enter();
    assertThat(outstanding.await(0)).isFalse();
    Outstanding.Group after = outstanding.enter();
    outstanding.exit(before);
    FutureTask<Boolean> secondFlush = new FutureTask<>(() -> outstanding.await(0));
    secondFlush.run();
    assertThat(secondFlush.get()).as("one entered after the first flush").isFalse();
    outstanding.exit(after);
    assertThat(outstanding.await(0)).isTrue();
    assertThat(outstanding.count()).isZero();
  }

  @Test
  void aFlushEndsUnderTrafficThatNeverStops() throws Exception {
    BlockingQueue<Outstanding.Group> inFlight = new LinkedBlockingQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    Thread enters =
        new Thread(
            () -> {
              while (!stop.get()) {
                if (inFlight.size() < 100) {
                  inFlight.add(outstanding.enter());
                }
              }
            });
    Thread exits =
        new Thread(
            () -> {
              // One always stays: there is no moment at which nothing is on its way.
              while (enters.isAlive() || !inFlight.isEmpty()) {
                if (inFlight.size() > 1 || (stop.get() && !inFlight.isEmpty())) {
                  outstanding.exit(inFlight.remove());
                }
              }
            });
    inFlight.add(outstanding.enter());
    enters.start(); // first: the other one ends when it has
    exits.start();
    for (int flush = 0; flush < 2_000; flush++) {
      assertThat(outstanding.await(SECONDS.toNanos(20))).as("flush %d", flush).isTrue();
    }
    stop.set(true);
    enters.join();
    exits.join();
    assertThat(outstanding.await(0)).isTrue();
    assertThat(outstanding.count()).isZero();
  }
}
