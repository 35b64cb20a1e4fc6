package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs as many workers as there is work for, up to the concurrency. Thread-safe.
 *
 * <p>A worker holds a slot while it works. An asynchronous handler keeps the slot until its stage
 * completes, so the concurrency also bounds incomplete stages. A thread that frees a slot then
 * checks for ready records, and a thread that makes a record ready then checks for a free slot, so
 * neither is missed.
 */
final class Workers implements Slots {

  private static final String FAULT = "executor";

  /** A full executor refuses only some tasks; the fault ends after this long without a refusal. */
  private static final long WELL_NS = TimeUnit.SECONDS.toNanos(1);

  private final Executor executor;
  private final int concurrency;
  private final KeyQueues queues;
  private final WorkRunner runner;
  private final Faults faults;
  private final AtomicInteger taken = new AtomicInteger();
  private final Set<Worker> working = ConcurrentHashMap.newKeySet();
  private volatile long refusedNs = System.nanoTime(); // any thread

  Workers(Executor executor, int concurrency, KeyQueues queues, WorkRunner runner, Faults faults) {
    this.executor = executor;
    this.concurrency = concurrency;
    this.queues = queues;
    this.runner = runner;
    this.faults = faults;
  }

  @Override
  public void wake(int ready) {
    for (int i = 0; i < ready && takeSlot(); i++) {
      try {
        Worker worker = new Worker(this::work, this::ranOnCaller);
        executor.execute(worker);
        worker.handedOver();
      } catch (Throwable e) {
        // Usually RejectedExecutionException, but also an Error if no thread can be created.
        taken.decrementAndGet();
        refused("takes no more work: " + Thrown.describe(e) + ".", e);
        return; // the poll thread tries again in its next turn
      }
    }
  }

  /** Called in each turn of the poll thread: tries again what the executor refused. */
  void retry(long nowNs) {
    if (queues.hasReady()) {
      wake(1);
    }
    if (nowNs - refusedNs > WELL_NS) {
      faults.end(FAULT);
    }
  }

  private void refused(String problem, @Nullable Throwable cause) {
    refusedNs = System.nanoTime();
    if (!faults.has(FAULT)) { // each refusal has a different message
      faults.begin(FAULT, fault(problem), cause);
    }
  }

  private static Fault fault(String problem) {
    return Fault.of(
        Fault.Kind.EXECUTOR,
        "The executor of the handlers " + problem,
        "Give the subscriber an executor that has its own threads and is shut down only after the"
            + " subscriber.");
  }

  private boolean takeSlot() {
    while (true) {
      int now = taken.get();
      if (now >= concurrency) {
        return false;
      }
      if (taken.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  @Override
  public void giveBack() {
    int left = taken.decrementAndGet();
    assert left >= 0 : "more slots were given back than taken";
    if (queues.hasReady()) {
      wake(1);
    }
  }

  private void ranOnCaller() {
    taken.decrementAndGet();
    refused("ran a handler's task on the calling thread, which Hermes refuses.", null);
  }

  /** Runs on the worker's thread. */
  private void work(Worker worker) {
    working.add(worker);
    try {
      WorkItem item = queues.poll();
      while (item != null) {
        WorkItem next = runner.run(item, worker);
        if (!worker.holdsSlot()) {
          break;
        }
        item = next == null ? queues.poll() : next;
      }
    } catch (Throwable e) {
      runner.broken(e);
    } finally {
      working.remove(worker);
      if (worker.holdsSlot()) {
        giveBack();
      }
    }
  }

  /** The workers that run now. */
  Set<Worker> working() {
    return working;
  }

  /** Whether the calling thread is running a handler. */
  boolean isCalling() {
    Thread self = Thread.currentThread();
    return working.stream()
        .anyMatch(worker -> worker.thread() == self && worker.handling() != null);
  }
}
