package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.SteppedTransactions.Fate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipe whose every step is an operation: turns of the poll loop, workers, the timer,
 * rebalances, failures of each step of a transaction, fencing, timeouts of the coordinator,
 * crashes. After each step it compares what is committed with what is finished.
 */
final class PipeSimulation {

  static final int KINDS = 23;

  private static final Topic<UserEvent> INPUT = Users.topicOf("sim");
  private static final Topic<UserEvent> OUTPUT = Users.topicOf("out");
  private static final List<Fate> FATES = List.of(Fate.values());
  private static final String POISON = "poison";
  private static final String FAILS_ONCE = "fails-once";
  private static final String TOO_LARGE = "too-large";

  private final ExecutorService helper;
  private final ProcessingOrder order;
  private final Duration maxSlice;
  private final Duration pause;
  final SteppedKafka kafka = new SteppedKafka(5, this::requireStable);
  final SteppedTransactions transactions =
      new SteppedTransactions(kafka.assigned(), kafka.committed());
  final List<TopicPartition> partitions =
      List.of(new TopicPartition("sim", 0), new TopicPartition("sim", 1));
  private final List<Runnable> workers = new ArrayList<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final Deque<Runnable> commits = new ArrayDeque<>();
  private boolean commitIsAwaited;
  private boolean idsAreHidden;
  private int handled;
  private Assembly assembly;
  private int number;
  private final OutputCheck outputs;

  PipeSimulation(ProcessingOrder order, ExecutorService helper) {
    this(order, helper, Duration.ofMillis(1), Duration.ZERO);
  }

  PipeSimulation(ProcessingOrder order, ExecutorService helper, Duration maxSlice, Duration pause) {
    this.maxSlice = maxSlice;
    this.pause = pause;
    this.order = order;
    this.helper = helper;
    this.assembly = assembly();
    this.outputs = new OutputCheck(kafka, transactions, partitions, order);
  }

  /** The pipe that runs now. */
  Assembly pipe() {
    return assembly;
  }

  /** How often a handler was called. */
  int handled() {
    return handled;
  }

  private Assembly assembly() {
    KafkaSettings settings =
        KafkaSettings.builder()
            .clients(
                new KafkaClients() {
                  @Override
                  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
                    Object id = config.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
                    return id == null
                        ? transactions.producer()
                        : transactions.producer(id.toString());
                  }

                  @Override
                  public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
                    throw new UnsupportedOperationException();
                  }

                  @Override
                  public Admin admin(Map<String, Object> config) {
                    throw new UnsupportedOperationException();
                  }
                })
            .build();
    Plan plan =
        HermesPipe.from(INPUT)
            .to(OUTPUT)
            .settings(settings)
            .group("sim")
            .order(order)
            .concurrency(3)
            .onError(ErrorPolicy.retry(2).thenDeadLetter())
            .maxInFlight(12, 1 << 20)
            .drainTimeout(Duration.ZERO)
            .maxSlice(maxSlice)
            .maxEvents(4)
            .patience(Patience.DEFAULT.pause(pause))
            .plan(this::handle);
    return new Assembly(
        plan,
        new Assembly.Resources(
            kafka.member(),
            topicIds(),
            SteppedKafka.CLUSTER,
            workers::add,
            this::onCommitThread,
            (delay, task) -> timers.add(task)));
  }

  /** From now on nobody says which topics they are. */
  void hideTopicIds() {
    idsAreHidden = true;
  }

  private TopicIds topicIds() {
    return new TopicIds() {
      @Override
      public @Nullable TopicId of(String topic) {
        return idsAreHidden ? null : Simulation.TOPIC_ID;
      }

      @Override
      public Map<String, CompletableFuture<TopicId>> ask(Set<String> topics) {
        return Map.of();
      }
    };
  }

  private void onCommitThread(Runnable commit) {
    if (commitIsAwaited) {
      commit.run();
    } else {
      commits.add(commit);
    }
  }

  /** The thread of the commits goes on. */
  void commit() {
    while (!commits.isEmpty()) {
      commits.remove().run();
    }
  }

  private void requireStable(TopicPartition id) {
    if (transactions.isUnstable(id)) {
      throw new TimeoutException("a transaction is not over");
    }
  }

  private void handle(Delivery<UserEvent> delivery, Emitter out) {
    handled++;
    UserEvent event = delivery.event();
    out.emit(event.toBuilder().setTimestamp(delivery.record().offset()).build());
    String kind = event.getData().getUsername();
    if (kind.equals(POISON) || (kind.equals(FAILS_ONCE) && delivery.attempt() == 1)) {
      throw new IllegalStateException("told to fail");
    }
    if (kind.equals(TOO_LARGE)) {
      UserEvent.Builder large = event.toBuilder();
      large.getDataBuilder().setEmail("x".repeat(2000));
      out.emit(large.build());
    }
  }

  /** Starts, as the first step of its producer fails. Returns what it says of that. */
  List<Fault> start(RuntimeException failure) {
    transactions.fail(Step.INIT, failure, false);
    assembly.committer().open();
    return assembly.faults().current();
  }

  /**
   * One step of a transaction fails, in the middle of some work that all comes right after it.
   *
   * @return what the pipe said of it: its fault, or with what it ended; null if it said nothing
   */
  @Nullable String runWithFailure(Step step, RuntimeException failure, boolean endsProducer)
      throws Exception {
    for (int b = 0; b < 12; b++) {
      append(partitions.get(b % 2), 20 + b); // all of them can be handled
    }
    if (step == Step.ABORT) {
      transactions.next(0, Fate.ABORTABLE);
    }
    transactions.fail(step, failure, endsProducer);
    String said = null;
    for (int i = 0; i < 5_000 && !transactions.hasFailed(); i++) {
      partitions.forEach(id -> kafka.assign(assembly.rebalance(), id));
      try {
        commit();
        assembly.loop().runOnce();
      } catch (KafkaException fatal) {
        return "ends: " + KafkaFailures.translate(fatal, "here", null).getMessage();
      }
      work(0);
      outputs.check();
      passTime();
      if (transactions.hasFailed() && !assembly.faults().current().isEmpty()) {
        said = assembly.faults().current().get(0).toString();
      }
    }
    OutputCheck.require(transactions.hasFailed(), "The step never came");
    heal();
    OutputCheck.require(
        assembly.faults().current().isEmpty(), "A fault outlives its cause: " + said);
    return said;
  }

  /**
   * An error comes out of the step that adds the offsets, and ends the pipe.
   *
   * @return what came out of the turn
   */
  @Nullable Throwable endByError(Error error) throws Exception {
    partitions.forEach(id -> append(id, 24));
    transactions.fail(Step.OFFSETS, error, false);
    Throwable thrown = null;
    for (int i = 0; i < 5_000 && thrown == null; i++) {
      partitions.forEach(id -> kafka.assign(assembly.rebalance(), id));
      commit();
      thrown = Assertions.catchThrowable(assembly.loop()::runOnce);
      work(0);
      passTime();
    }
    commitIsAwaited = true;
    long untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    assembly.rebalance().giveUpAll(untilNs, untilNs);
    outputs.check();
    OutputCheck.require(transactions.committed().isEmpty(), "Something is committed");
    return thrown;
  }

  void run(List<RandomOps.Op> ops) throws Exception {
    for (RandomOps.Op op : ops) {
      step(op);
      outputs.check();
    }
    heal();
  }

  private void step(RandomOps.Op op) throws Exception {
    TopicPartition id = partitions.get(op.a() % partitions.size());
    switch (op.kind()) {
      case 0, 1, 2 -> append(id, op.b());
      case 3, 4, 5, 6, 7 -> assembly.loop().runOnce();
      case 8, 9, 10, 11 -> work(op.a());
      case 12 -> fire(op.a());
      case 20, 21, 22 -> commit();
      case 13, 14 -> kafka.assign(assembly.rebalance(), id);
      case 15 -> kafka.revoke(callbacks(), id, op.b() % 3 == 0, () -> {});
      case 16, 17 -> transactions.next(op.a() % 4, FATES.get(op.b() % FATES.size()));
      case 18 -> {
        if (op.b() % 4 == 0) {
          transactions.timeOut();
        }
      }
      default -> {
        if (op.a() % 10 == 0) {
          crash(op.b() % 2 == 0);
        } else {
          kafka.skip(id, op.b() % 3);
        }
      }
    }
  }

  /** One that is revoked waits for commits; one that is lost does not. */
  private ConsumerRebalanceListener callbacks() {
    Rebalance rebalance = assembly.rebalance();
    return new ConsumerRebalanceListener() {
      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        commit();
        commitIsAwaited = true;
        rebalance.onPartitionsRevoked(revoked);
        commitIsAwaited = false;
      }

      @Override
      public void onPartitionsLost(Collection<TopicPartition> lost) {
        rebalance.onPartitionsLost(lost);
      }

      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        rebalance.onPartitionsAssigned(assigned);
      }
    };
  }

  void append(TopicPartition id, int b) {
    String kind =
        switch (b % 20) {
          case 0 -> POISON;
          case 1, 2 -> FAILS_ONCE;
          case 3 -> TOO_LARGE;
          default -> "";
        };
    UserEvent.Builder event = Users.event("key-" + b % 4, number++).toBuilder();
    event.getDataBuilder().setUsername(kind);
    byte @Nullable [] key = b % 7 == 0 ? null : Users.bytes("key-" + b % 4);
    kafka.append(id, key, event.build().toByteArray(), b % 5 == 0 ? b % 3 : 0);
  }

  void work(int which) throws Exception {
    if (!workers.isEmpty()) {
      helper.submit(workers.remove(which % workers.size())).get(); // no handler on this thread
    }
  }

  private void fire(int which) {
    if (!timers.isEmpty()) {
      timers.remove(which % timers.size()).run();
    }
  }

  /** Another process goes on. What the last one has left open ends now or later. */
  private void crash(boolean noticedLater) {
    assembly = assembly();
    kafka.crash();
    workers.clear();
    commits.clear();
    timers.clear();
    if (!noticedLater) {
      transactions.timeOut();
    }
  }

  /** Everything works again: all must be handled, and nothing stays behind. */
  void heal() throws Exception {
    transactions.heal();
    transactions.timeOut();
    for (int i = 0; i < 5_000; i++) {
      partitions.forEach(id -> kafka.assign(assembly.rebalance(), id));
      assembly.loop().runOnce();
      work(0);
      fire(0);
      commit();
      outputs.check();
      if (isDone()) {
        return;
      }
      passTime();
    }
    throw new AssertionError(
        "It stalls: committed " + kafka.committed() + ", faults " + assembly.faults().current());
  }

  /** It may wait for the end of a slice. */
  private void passTime() throws InterruptedException {
    if (workers.isEmpty() && timers.isEmpty()) {
      Thread.sleep(0, 500_000);
    }
  }

  private boolean isDone() {
    return partitions.stream()
            .allMatch(
                id ->
                    kafka.end(id) == 0
                        || (kafka.committed().get(id) != null
                            && kafka.committed().get(id).offset() == kafka.end(id)))
        && assembly.queues().size() == 0;
  }
}
