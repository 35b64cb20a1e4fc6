package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.TransactionAbortedException;
import io.hermes.TransactionUnknownException;
import io.hermes.testing.OneAtATime;
import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Three brokers of which one is killed, stopped or paused at a time, and publishers that go on:
 * what each caller was told about its transaction is held against what readers see.
 */
@Timeout(240)
@ExtendWith(OneAtATime.class)
class TransactionFaultRunTest {

  private static final long RUN_NS = SECONDS.toNanos(40);
  private static final int CALLERS = 3;

  private final AtomicInteger numbers = new AtomicInteger();
  private final Set<Integer> committed = ConcurrentHashMap.newKeySet();
  private final Set<Integer> aborted = ConcurrentHashMap.newKeySet();
  private final Set<Integer> unknown = ConcurrentHashMap.newKeySet();

  @Tag("slow")
  @Test
  void whatACallerIsToldIsWhatReadersSee() throws Exception {
    long seed = System.nanoTime();
    try (KafkaCluster kafka = KafkaCluster.builder().brokers(3).start()) {
      TransactionTopics topics = TransactionTopics.create(kafka);
      long untilNs = System.nanoTime() + RUN_NS;
      // The last has too little time for a crash, so that it gives up in every phase.
      try (TransactionalPublisher patient = topics.builder().open();
          TransactionalPublisher hasty = topics.builder().timeout(Duration.ofSeconds(1)).open()) {
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          TransactionalPublisher publisher = i == 0 ? hasty : patient;
          Thread caller = new Thread(() -> publish(publisher, untilNs));
          caller.start();
          callers.add(caller);
        }
        breakBrokers(kafka, new Random(seed), untilNs);
        for (Thread caller : callers) {
          caller.join();
        }
        for (TransactionalPublisher publisher : List.of(patient, hasty)) {
          int last = committed.size();
          long graceNs = System.nanoTime() + SECONDS.toNanos(60);
          while (committed.size() == last) { // no publisher stays poisoned
            assertThat(System.nanoTime()).as("seed %d", seed).isLessThan(graceNs);
            publish(publisher, System.nanoTime());
          }
          assertThat(publisher.health().isHealthy()).isTrue();
        }
      }
      List<Integer> users = topics.committedUsers();
      System.out.printf(
          "seed %d: %d committed, %d aborted, %d unknown, %d visible%n",
          seed, committed.size(), aborted.size(), unknown.size(), users.size());
      assertThat(users).as("seed %d", seed).doesNotHaveDuplicates();
      assertThat(users.stream().sorted().toList()).isEqualTo(topics.committedPayments());
      Set<Integer> visible = new HashSet<>(users);
      assertThat(visible).containsAll(committed).doesNotContainAnyElementsOf(aborted);
      visible.removeAll(committed);
      assertThat(unknown).containsAll(visible);
      assertThat(committed.size()).isGreaterThan(100);
    }
  }

  /** At least one transaction. */
  private void publish(TransactionalPublisher publisher, long untilNs) {
    do {
      int number = numbers.incrementAndGet();
      try {
        TransactionTopics.both(publisher, number);
        committed.add(number);
      } catch (TransactionAbortedException e) {
        assertThat(e.isRetryable()).as("%s", e).isTrue();
        aborted.add(number);
      } catch (TransactionUnknownException e) {
        unknown.add(number);
      }
    } while (System.nanoTime() - untilNs < 0);
  }

  private static void breakBrokers(KafkaCluster kafka, Random random, long untilNs) {
    while (System.nanoTime() - untilNs < 0) {
      Broker broker = kafka.broker(1 + random.nextInt(3));
      int fault = random.nextInt(3);
      if (fault == 0) {
        broker.kill();
        broker.start();
      } else if (fault == 1) {
        broker.stop();
        broker.start();
      } else {
        broker.pause();
        LockSupport.parkNanos(SECONDS.toNanos(1 + random.nextInt(4)));
        broker.resume();
      }
      LockSupport.parkNanos(SECONDS.toNanos(1));
    }
  }
}
