package io.hermes.publish;

import io.hermes.testing.Races;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The budget of what is on its way, in all the orders that threads can take. */
class AdmissionRacesTest {

  @Test
  void everyInterleavingIsAsOneAfterTheOther() {
    Races.check(Budget.class, 3, 200);
  }

  @Tag("full")
  @Test
  void everyInterleavingOfManyScenariosIsAsOneAfterTheOther() {
    Races.check(Budget.class, Races.MANY, 1_000);
  }

  /** Entering and leaving are one atomic step each, for records and bytes together. */
  public static class Budget {

    private final Admission admission = new Admission(3, 20);
    private final int[] recordsOf = new int[8];
    private final int[] bytesOf = new int[8];

    /** Whether there was room; a thread has two events on their way at most. */
    @Operation
    public boolean enter(
        @Param(gen = ThreadIdGen.class) int thread,
        @Param(gen = IntGen.class, conf = "5:12") int bytes) {
      if (recordsOf[thread] == 2 || !admission.tryEnter(bytes)) {
        return false;
      }
      recordsOf[thread]++;
      bytesOf[thread] += bytes;
      return true;
    }

    /** Gives back what the thread has, in one step. */
    @Operation
    public void leave(@Param(gen = ThreadIdGen.class) int thread) {
      if (recordsOf[thread] > 0) {
        int records = recordsOf[thread];
        int bytes = bytesOf[thread];
        recordsOf[thread] = 0;
        bytesOf[thread] = 0;
        admission.leave(records, bytes);
      }
    }

    /** Bytes on their way. */
    @Operation
    public long bytes() {
      return admission.bytes();
    }

    /** Records on their way. */
    @Operation
    public int records() {
      return admission.records();
    }
  }
}
