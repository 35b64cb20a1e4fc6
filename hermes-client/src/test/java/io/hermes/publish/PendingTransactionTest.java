package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.HermesException;
import io.hermes.publish.PendingTransaction.Aborted;
import io.hermes.publish.PendingTransaction.Committed;
import io.hermes.publish.PendingTransaction.Unknown;
import io.hermes.testing.Races;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A caller that leaves while its transaction is written: what it is told stays true. */
class PendingTransactionTest {

  private final PendingTransaction transaction = pending();

  private static PendingTransaction pending() {
    return new PendingTransaction(List.of(), System.nanoTime());
  }

  private static void leave(PendingTransaction transaction) {
    transaction.giveUp(new HermesException("late", null));
  }

  @Test
  void onceACallerHasLeftNothingIsCommitted() {
    leave(transaction);
    assertThat(transaction.outcome()).isInstanceOf(Aborted.class);
    assertThat(transaction.beginCommit()).isFalse();
  }

  @Test
  void aCallerThatLeavesDuringTheCommitDoesNotKnowAndItIsNotWrittenAgain() {
    assertThat(transaction.beginCommit()).isTrue();
    leave(transaction);
    assertThat(transaction.outcome()).isInstanceOf(Unknown.class);
    assertThat(transaction.beginAgain()).isFalse();
    transaction.end(new Committed(List.of()));
    assertThat(transaction.outcome()).isInstanceOf(Unknown.class);
  }

  @Test
  void aCallerThatLeavesAfterACommitThatFailedKnowsThatItWasAborted() {
    assertThat(transaction.beginCommit()).isTrue();
    assertThat(transaction.beginAgain()).isTrue();
    leave(transaction);
    assertThat(transaction.outcome()).isInstanceOf(Aborted.class);
    assertThat(transaction.beginCommit()).isFalse();
  }

  @Tag("slow")
  @Test
  void itEndsOnceInEveryInterleaving() {
    Races.check(Ending.class, 3, 100);
  }

  /** Both sides. */
  public static class Ending {

    private final PendingTransaction transaction = pending();

    /** The writer, before it commits. */
    @Operation
    public boolean beginCommit() {
      return transaction.beginCommit();
    }

    /** The writer, after a commit that has failed. */
    @Operation
    public boolean beginAgain() {
      return transaction.beginAgain();
    }

    /** The writer has an outcome. */
    @Operation
    public void commit() {
      transaction.end(new Committed(List.of()));
    }

    /** The caller's timeout expires. */
    @Operation
    public void leaves() {
      leave(transaction);
    }

    /** What the caller is told. */
    @Operation
    public String outcome() {
      return transaction.isEnded() ? transaction.outcome().getClass().getSimpleName() : "none";
    }
  }
}
