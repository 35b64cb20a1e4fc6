package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private static final long LONG_NS = SECONDS.toNanos(20);

  @Test
  void agreesWithANaiveModelOverRandomSequences() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      int maxRecords = 1 + random.nextInt(8);
      int maxBytes = 1 + random.nextInt(100);
      Admission admission = new Admission(maxRecords, maxBytes);
      Queue<Integer> model = new ArrayDeque<>();
      for (int step = 0; step < 50; step++) {
        if (!model.isEmpty() && random.nextBoolean()) {
          admission.leave(1, model.remove());
        } else {
          int bytes = random.nextInt(120);
          int inFlight = model.stream().mapToInt(Integer::intValue).sum();
          boolean fits =
              model.size() < maxRecords && (model.isEmpty() || inFlight + bytes <= maxBytes);
          assertThat(admission.tryEnter(bytes)).as("seed %d, step %d", seed, step).isEqualTo(fits);
          if (fits) {
            model.add(bytes);
          }
        }
        assertThat(admission.records()).as("seed %d", seed).isEqualTo(model.size());
        assertThat(admission.bytes())
            .as("seed %d", seed)
            .isEqualTo(model.stream().mapToInt(Integer::intValue).sum());
      }
    }
  }

  /** A lost wake-up shows as a caller that waits its whole time although there is room. */
  @RepeatedTest(5)
  void neverLosesAWakeUpNorOverfillsWithManyCallers(RepetitionInfo repetition) throws Exception {
    int maxRecords = repetition.getCurrentRepetition();
    Admission admission = new Admission(maxRecords, 100);
    BlockingQueue<Integer> inFlight = new ArrayBlockingQueue<>(maxRecords);
    AtomicInteger most = new AtomicInteger();
    int callers = 8;
    int each = 3_000;
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      Random random = new Random(caller);
      tasks.add(
          new FutureTask<>(
              () -> {
                for (int i = 0; i < each; i++) {
                  int bytes = random.nextInt(60);
                  if (!admission.enter(bytes, LONG_NS)) {
                    return false;
                  }
                  most.accumulateAndGet(admission.records(), Math::max);
                  inFlight.put(bytes);
                }
                return true;
              }));
    }
    tasks.forEach(task -> new Thread(task).start());
    for (int i = 0; i < callers * each; i++) {
      admission.leave(1, inFlight.take());
    }
    for (FutureTask<Boolean> task : tasks) {
      assertThat(task.get(30, SECONDS)).isTrue();
    }
    assertThat(most.get()).isLessThanOrEqualTo(maxRecords);
    assertThat(admission.records()).isZero();
    assertThat(admission.bytes()).isZero();
    assertThat(admission.awaitEmpty(0)).isTrue();
  }

  /**
   * Callers that do not wait take room that has left from under those that wait, while room is
   * given back in steps. Again a lost wake-up shows as a caller that waits its whole time.
   */
  @RepeatedTest(5)
  void givesRoomBackInStepsToCallersThatWaitAndToOthers(RepetitionInfo repetition)
      throws Exception {
    int maxRecords = 4 << repetition.getCurrentRepetition();
    Admission admission = new Admission(maxRecords, 1_000_000);
    BlockingQueue<Integer> inFlight = new ArrayBlockingQueue<>(maxRecords);
    int each = 20_000;
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int caller = 0; caller < 4; caller++) {
      boolean waits = caller % 2 == 0;
      tasks.add(
          new FutureTask<>(
              () -> {
                for (int i = 0; i < each; i++) {
                  boolean isIn = waits ? admission.enter(i, LONG_NS) : admission.tryEnter(i);
                  if (isIn) {
                    inFlight.put(i);
                  } else if (waits) {
                    return false;
                  }
                }
                return true;
              }));
    }
    tasks.forEach(task -> new Thread(task).start());
    List<Integer> step = new ArrayList<>();
    while (tasks.stream().anyMatch(task -> !task.isDone()) || !inFlight.isEmpty()) {
      step.clear();
      inFlight.drainTo(step, 64);
      if (!step.isEmpty()) {
        admission.leave(step.size(), step.stream().mapToLong(Integer::longValue).sum());
      }
    }
    for (FutureTask<Boolean> task : tasks) {
      assertThat(task.get(30, SECONDS)).isTrue();
    }
    assertThat(admission.records()).isZero();
    assertThat(admission.bytes()).isZero();
    assertThat(admission.awaitEmpty(0)).isTrue();
  }

  @Test
  void closeSendsWaitingCallersAway() throws Exception {
    Admission admission = new Admission(1, 10);
    assertThat(admission.tryEnter(1)).isTrue();
    FutureTask<Boolean> waiting = new FutureTask<>(() -> admission.enter(1, LONG_NS));
    new Thread(waiting).start();
    admission.close();
    assertThat(waiting.get(10, SECONDS)).isFalse();
  }

  @Test
  void anInterruptEndsTheWait() {
    Admission admission = new Admission(1, 10);
    assertThat(admission.tryEnter(1)).isTrue();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> admission.enter(1, LONG_NS)).isInstanceOf(InterruptedException.class);
    assertThat(admission.records()).isEqualTo(1);
  }
}
