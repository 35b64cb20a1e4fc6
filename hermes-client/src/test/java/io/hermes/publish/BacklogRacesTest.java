package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Races;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The hold of callers against what waits for it, in all the orders that threads can take. */
class BacklogRacesTest {

  @Test
  void holdsAtTheLimitUntilHalfIsWorkedOff() {
    Admission admission = new Admission(10, 10);
    Backlog backlog = new Backlog(4, admission);
    for (int i = 0; i < 3; i++) {
      backlog.offered();
    }
    assertThat(admission.isHeld()).isFalse();
    backlog.offered();
    assertThat(admission.isHeld()).isTrue();
    backlog.delivered();
    assertThat(admission.isHeld()).isTrue();
    backlog.delivered();
    assertThat(admission.isHeld()).isFalse();
    assertThat(backlog.ended()).isEqualTo(4);
  }

  @Test
  void noInterleavingLeavesAHoldBehind() {
    Races.check(Waiting.class, 20, 300);
  }

  @Tag("full")
  @Test
  void noInterleavingOfManyScenariosLeavesAHoldBehind() {
    Races.check(Waiting.class, 100, 2_000);
  }

  /** Few may wait, so that nearly each operation crosses a limit. */
  public static class Waiting {

    private final Admission admission = new Admission(10, 10);
    private final Backlog backlog = new Backlog(2, admission);
    private int offered; // by the one thread that offers
    private int delivered; // by the one thread that delivers

    /** Kafka's I/O thread. */
    @Operation(nonParallelGroup = "offers")
    public void offer() {
      offered++;
      backlog.offered();
    }

    /** The acknowledgement thread; of nothing where nothing waits. */
    @Operation(nonParallelGroup = "delivers")
    public void deliver() {
      if (delivered < backlog.ended()) {
        delivered++;
        backlog.delivered();
      }
    }

    /** At rest, callers are held where the limit is reached, and are not at half of it. */
    @Validate
    public void holdIsAsWhatWaits() {
      int waiting = offered - delivered;
      if (waiting <= 1) {
        check(!admission.isHeld(), waiting);
      } else {
        check(admission.isHeld(), waiting);
      }
    }

    private static void check(boolean holds, int waiting) {
      if (!holds) {
        throw new IllegalStateException("The hold is wrong where " + waiting + " wait.");
      }
    }
  }
}
