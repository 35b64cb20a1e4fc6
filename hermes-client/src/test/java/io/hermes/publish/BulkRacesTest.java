package io.hermes.publish;

import io.hermes.testing.Races;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The end of a bulk: of the threads that end its events, exactly one is the last. */
class BulkRacesTest {

  @Test
  void exactlyOneIsTheLast() {
    Races.check(Count.class, 5, 200);
  }

  @Tag("full")
  @Test
  void exactlyOneIsTheLastInManyScenarios() {
    Races.check(Count.class, Races.MANY, 1_000);
  }

  /** The caller's thread knows the total at some time; any thread ends events. */
  public static class Count {

    private final BulkCount count = new BulkCount();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger last = new AtomicInteger();
    private volatile int total = Integer.MAX_VALUE;

    /** Any thread. */
    @Operation
    public void end() {
      if (count.endsLast()) {
        last.incrementAndGet();
      }
      ended.incrementAndGet();
    }

    /** The caller's thread. */
    @Operation(nonParallelGroup = "caller")
    public void total(@Param(gen = IntGen.class, conf = "1:4") int events) {
      if (count.total(events)) {
        last.incrementAndGet();
      }
      total = events;
    }

    /** At rest, one was the last if all have ended, and none if not. */
    @Validate
    public void oneIsTheLastOnceAllHaveEnded() {
      if (last.get() > 1 || (total == Integer.MAX_VALUE && last.get() > 0)) {
        throw new IllegalStateException(last + " were the last of " + ended + "/" + total);
      }
      if (total != Integer.MAX_VALUE && ended.get() >= total && last.get() == 0) {
        throw new IllegalStateException("None of " + ended + " was the last of " + total);
      }
    }
  }
}
