package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.events.v1.UserEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A partition goes while handlers run on threads of their own. */
@Timeout(60)
class RevokeTest {

  private static final TopicPartition ID = new TopicPartition("sim", 0);

  private final SteppedKafka kafka = new SteppedKafka(500, id -> {});
  private final ExecutorService threads = Executors.newFixedThreadPool(3);
  private final ExecutorService one = Executors.newSingleThreadExecutor();
  private final Set<Long> finished = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inside = new AtomicInteger();
  private Timer timer = (delay, task) -> {};

  @AfterEach
  void end() {
    threads.shutdownNow();
    one.shutdownNow();
  }

  private Assembly assembly(Handler<UserEvent> handler, Duration drainTimeout) {
    return assembly(handler, drainTimeout, threads);
  }

  private Assembly assembly(Handler<UserEvent> handler, Duration drainTimeout, Executor executor) {
    return new Assembly(
        Simulation.builder(
                () -> {
                  throw new UnsupportedOperationException();
                })
            .on(Users.topicOf("sim"), handler)
            .drainTimeout(drainTimeout)
            .plan(),
        new Assembly.Resources(
            kafka.member(),
            Simulation.TOPIC_IDS,
            SteppedKafka.CLUSTER,
            executor,
            Runnable::run,
            timer));
  }

  private static Observers observed(SubscriberListener listener) {
    return new Observers("sim", listener, List.of());
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      kafka.append(ID, Users.bytes("key-" + i % 5), Users.event("u", i).toByteArray(), 0);
    }
  }

  private void startReading(Assembly assembly) {
    kafka.assign(assembly.rebalance(), ID);
    assembly.loop().runOnce();
    assembly.loop().runOnce();
  }

  @Test
  void revokeReturnsWhenThoseInsideHaveLeftAndCommitsWhatTheyFinished() throws Exception {
    append(5);
    CountDownLatch entered = new CountDownLatch(3);
    CountDownLatch release = new CountDownLatch(1);
    Assembly assembly =
        assembly(
            delivery -> {
              inside.incrementAndGet();
              entered.countDown();
              release.await();
              finished.add(delivery.record().offset());
              inside.decrementAndGet();
            },
            Duration.ofSeconds(30));
    startReading(assembly);
    entered.await();
    Thread pollThread = Thread.currentThread();
    threadThat(
        () -> {
          // Only when the revoke waits may the handlers end.
          while (pollThread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
          }
          release.countDown();
        });
    kafka.revoke(assembly.rebalance(), ID, false, () -> {});
    assembly.loop().runOnce();
    assertThat(inside).hasValue(0);
    assertThat(finished).isNotEmpty();
    requireCommitted(finished);
  }

  @Test
  void aHandlerThatSeesItsDeadlineIsTheLastOneOfItsWorker() throws Exception {
    TopicPartition other = new TopicPartition("sim", 1);
    Duration endless = Duration.ofDays(1);
    for (int round = 0; round < 200; round++) {
      for (TopicPartition id : List.of(ID, other)) {
        kafka.append(id, Users.bytes("one"), Users.event("u", 1).toByteArray(), 0);
        kafka.append(id, Users.bytes("another"), Users.event("u", 2).toByteArray(), 0);
      }
      CountDownLatch entered = new CountDownLatch(1);
      AtomicInteger handled = new AtomicInteger();
      Assembly assembly =
          assembly(
              delivery -> {
                entered.countDown();
                while (delivery.remaining().compareTo(endless) > 0) {
                  Thread.onSpinWait();
                }
                handled.incrementAndGet();
              },
              Duration.ofSeconds(30),
              one);
      kafka.assign(assembly.rebalance(), other);
      startReading(assembly);
      entered.await();
      assertThat(giveUpAll(assembly)).isTrue();
      assertThat(handled).hasValue(1);
      kafka.crash();
    }
  }

  private Assembly machineThatHasHandledFive() throws Exception {
    append(5);
    Assembly assembly =
        assembly(delivery -> finished.add(delivery.record().offset()), Duration.ofSeconds(30));
    startReading(assembly);
    Await.until("handled", () -> finished.size() == 5);
    return assembly;
  }

  private static boolean giveUpAll(Assembly assembly) {
    long untilNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    return assembly.rebalance().giveUpAll(untilNs, untilNs);
  }

  @Test
  void whatWasHandledInARebalanceIsCommittedAtTheEndWithoutReceivingMore() throws Exception {
    Assembly assembly = machineThatHasHandledFive();
    append(5);
    kafka.refuseCommitsUntil(3);
    assertThat(giveUpAll(assembly)).isTrue();
    assertThat(finished).hasSize(5);
    requireCommitted(finished);
    assertThat(assembly.rebalance().assigned()).isEmpty();
  }

  @Test
  void whatARebalanceTakesAwayWhileItIsAwaitedIsCommittedOnce() throws Exception {
    Assembly assembly = machineThatHasHandledFive();
    kafka.refuseCommitsUntil(1);
    kafka.revoke(assembly.rebalance(), ID, false, () -> {});
    assertThat(giveUpAll(assembly)).isTrue();
    requireCommitted(finished);
    assertThat(assembly.rebalance().assigned()).isEmpty();
  }

  private static void threadThat(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
  }

  private void requireCommitted(Set<Long> offsets) {
    OffsetAndMetadata committed = kafka.committed().getOrDefault(ID, new OffsetAndMetadata(0));
    OffsetRuns beyond =
        CommitMetadata.decode(committed.metadata(), Simulation.TOPIC_ID, committed.offset());
    assertThat(offsets).allMatch(offset -> offset < committed.offset() || beyond.contains(offset));
  }

  @Test
  void noHandlerStartsAfterARevokeAndEachThatFinishedIsCommitted() throws Exception {
    for (int round = 0; round < 100; round++) {
      append(40);
      finished.clear();
      Assembly assembly =
          assembly(
              delivery -> {
                inside.incrementAndGet();
                finished.add(delivery.record().offset());
                inside.decrementAndGet();
              },
              Duration.ofSeconds(30));
      startReading(assembly);
      kafka.revoke(assembly.rebalance(), ID, false, () -> {});
      assembly.loop().runOnce();
      Set<Long> atReturn = Set.copyOf(finished);
      assertThat(inside).hasValue(0);
      requireCommitted(atReturn);
      assembly.loop().runOnce();
      assertThat(finished).isEqualTo(atReturn);
      // A worker that finished its record at this moment may be about to count down the map.
      Await.until("no key left", () -> assembly.queues().size() == 0);
      kafka.crash();
    }
  }

  @Test
  void whatIsLostIsNeverCommitted() throws Exception {
    append(1);
    Semaphore handled = new Semaphore(0);
    Assembly assembly = assembly(delivery -> handled.release(), Duration.ofSeconds(30));
    startReading(assembly);
    handled.acquire();
    Map<TopicPartition, OffsetAndMetadata> before = Map.copyOf(kafka.committed());
    kafka.revoke(assembly.rebalance(), ID, true, () -> {});
    assembly.loop().runOnce();
    assertThat(kafka.committed()).isEqualTo(before);
  }

  @Test
  void anInterruptHitsTheHandlerThatOutlivesItsDeadlineAndNoLaterOne() throws Exception {
    append(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Assembly assembly =
        assembly(
            delivery -> {
              entered.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
            },
            Duration.ofMillis(20));
    startReading(assembly);
    entered.await();
    kafka.revoke(assembly.rebalance(), ID, false, () -> {});
    assembly.loop().runOnce();
    interrupted.await();
    assertThat(kafka.committed().getOrDefault(ID, new OffsetAndMetadata(0)).offset()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(threads.submit(Thread::interrupted).get()).isFalse();
    }
  }

  @Test
  void afterManyKeysTheMapIsEmptyAgain() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    for (int i = 0; i < 100_000; i++) {
      kafka.append(ID, Users.bytes("key-" + i), Users.event("u", i).toByteArray(), 0);
    }
    Assembly assembly = assembly(delivery -> handled.incrementAndGet(), Duration.ofSeconds(30));
    startReading(assembly);
    Await.until(
        "all handled",
        () -> {
          assembly.loop().runOnce();
          return handled.get() == 100_000;
        });
    Await.until("the map is empty", () -> assembly.queues().size() == 0);
  }

  @Test
  void whatIsAssignedAndAtOnceRevokedIsNeitherReadNorCommitted() {
    append(3);
    Assembly assembly = assembly(delivery -> finished.add(1L), Duration.ofSeconds(30));
    for (int round = 0; round < 3; round++) {
      kafka.assign(assembly.rebalance(), ID);
      kafka.revoke(assembly.rebalance(), ID, round == 1, () -> {});
      assembly.loop().runOnce(); // both within one poll
      assembly.loop().runOnce();
    }
    assertThat(assembly.rebalance().assigned()).isEmpty();
    assertThat(kafka.committed()).isEmpty();
    assertThat(finished).isEmpty();
  }

  @Test
  void theWatchdogNamesTheRecordThatIsStuckOnceAndShowsWhereItsHandlerIs() throws Exception {
    append(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Assembly assembly = assembly(delivery -> standStill(entered, release), Duration.ofSeconds(30));
    startReading(assembly);
    entered.await();
    List<String> named = new CopyOnWriteArrayList<>();
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void stuck(EventRecord<?> record, Duration since, StackTraceElement[] stack) {
            named.add(record.topic() + "-" + record.partition() + "@" + record.offset());
            named.addAll(Stream.of(stack).map(StackTraceElement::getMethodName).toList());
          }
        };
    Watchdog patient = new Watchdog("group", assembly.workers(), observed(listener));
    patient.run();
    patient.run();
    assertThat(named).isEmpty(); // it has had no minute yet
    Watchdog watchdog =
        new Watchdog("group", assembly.workers(), observed(listener), Duration.ZERO);
    watchdog.run();
    watchdog.run();
    assertThat(named).containsOnlyOnce("sim-0@0", "standStill");
    release.countDown();
  }

  @Test
  void theWatchdogCountsFromTheStartOfTheAttemptAndNotOfTheRecord() throws Exception {
    append(1);
    timer = (delay, task) -> task.run();
    List<String> named = new CopyOnWriteArrayList<>();
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void stuck(EventRecord<?> record, Duration since, StackTraceElement[] stack) {
            named.add("attempt " + inside.get());
          }
        };
    CountDownLatch fail = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1); // the test's end interrupts
    Assembly assembly =
        assembly(
            delivery -> {
              inside.set(delivery.attempt());
              (delivery.attempt() == 1 ? fail : never).await();
              throw new IllegalStateException("told to");
            },
            Duration.ofSeconds(30));
    Watchdog watchdog =
        new Watchdog("group", assembly.workers(), observed(listener), Duration.ofNanos(1));
    startReading(assembly);
    Await.until("the first attempt", () -> inside.get() == 1);
    watchdog.run();
    fail.countDown();
    Await.until("the second attempt", () -> inside.get() == 2);
    watchdog.run();
    assertThat(named).isEmpty();
    watchdog.run();
    assertThat(named).containsExactly("attempt 2");
  }

  private static void standStill(CountDownLatch entered, CountDownLatch release)
      throws InterruptedException {
    entered.countDown();
    release.await();
  }
}
