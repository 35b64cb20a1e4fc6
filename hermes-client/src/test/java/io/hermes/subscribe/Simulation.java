package io.hermes.subscribe;

import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A whole subscriber whose every step is an operation: turns of the poll loop, workers, the ends of
 * handlers, the timer, rebalances, answers of Kafka, crashes. It watches the guarantees.
 */
final class Simulation {

  static final int KINDS = 20;

  private static final Topic<UserEvent> TOPIC = Users.topicOf("sim");
  static final TopicId TOPIC_ID = new TopicId("cluster", new Uuid(1, 2));
  static final TopicIds TOPIC_IDS =
      new TopicIds() {
        @Override
        public TopicId of(String topic) {
          return TOPIC_ID;
        }

        @Override
        public Map<String, CompletableFuture<TopicId>> ask(Set<String> topics) {
          return Map.of();
        }
      };

  private static final int LIMIT = 12;
  private static final int POLL = 5;

  private final ExecutorService helper;
  private final ProcessingOrder order;
  private final SteppedKafka kafka = new SteppedKafka(POLL, this::beginEpoch);
  private final List<TopicPartition> partitions =
      List.of(new TopicPartition("sim", 0), new TopicPartition("sim", 1));
  private final List<Runnable> workers = new ArrayList<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();
  private final Map<TopicPartition, Epoch> epochs = new HashMap<>();
  private final Set<String> finishedEver = new HashSet<>();
  private final Set<String> acknowledgedLetters = new HashSet<>();
  private final List<String> violations = new ArrayList<>(); // from the handler's thread
  private MockProducer<byte[], byte[]> producer = producer();
  private Assembly assembly;
  private int lettersAnswered;
  private int number;

  /** What the model knows of a partition since it was assigned. */
  private static final class Epoch {
    final long base;
    final OffsetRuns before;
    final Set<Long> started = new HashSet<>();
    final Set<Long> live = new HashSet<>();
    final Set<Long> finished = new HashSet<>();

    Epoch(@Nullable OffsetAndMetadata committed) {
      base = committed == null ? 0 : committed.offset();
      before =
          committed == null
              ? OffsetRuns.NONE
              : CommitMetadata.decode(committed.metadata(), TOPIC_ID, base);
    }
  }

  private record Running(
      Epoch epoch, TopicPartition id, long offset, CompletableFuture<String> stage) {}

  Simulation(ProcessingOrder order, ExecutorService helper) {
    this.order = order;
    this.helper = helper;
    this.assembly = assembly();
  }

  private static MockProducer<byte[], byte[]> producer() {
    return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Assembly assembly() {
    return new Assembly(
        builder(() -> producer)
            .onAsync(TOPIC, this::handle)
            .order(order)
            .drainTimeout(Duration.ZERO)
            .plan(),
        new Assembly.Resources(
            kafka.member(),
            TOPIC_IDS,
            SteppedKafka.CLUSTER,
            workers::add,
            Runnable::run,
            (delay, task) -> timers.add(task)));
  }

  /** A subscriber that commits in each turn. */
  static SubscriberBuilder<UserEvent> builder(Supplier<Producer<byte[], byte[]>> producers) {
    KafkaSettings settings =
        KafkaSettings.builder()
            .property("auto.commit.interval.ms", 0)
            .clients(
                new KafkaClients() {
                  @Override
                  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
                    return producers.get();
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
    return HermesSubscriber.builder(TOPIC)
        .settings(settings)
        .group("sim")
        .concurrency(3)
        .onError(ErrorPolicy.retry(3))
        .maxInFlight(LIMIT, 1 << 20);
  }

  void run(List<RandomOps.Op> ops) throws Exception {
    for (RandomOps.Op op : ops) {
      step(op);
      check();
    }
    heal();
  }

  private void step(RandomOps.Op op) throws Exception {
    TopicPartition id = partitions.get(op.a() % partitions.size());
    switch (op.kind()) {
      case 0, 1, 2 -> append(id, op.b());
      case 3, 4, 5, 6 -> assembly.loop().runOnce();
      case 7, 8, 9 -> work(op.a());
      case 10, 11 -> end(op.a(), op.b() % 10 < 7 ? 0 : 1 + op.b() % 2);
      case 12 -> fire(op.a());
      case 13, 14 -> assign(id);
      case 15 -> kafka.revoke(assembly.rebalance(), id, op.b() % 3 == 0, () -> epochs.remove(id));
      case 16, 17 -> kafka.answerCommit(op.b() % 4 > 0);
      case 18 -> answerProducer(op.b() % 3 > 0);
      default -> {
        if (op.a() % 10 == 0) {
          crash();
        } else if (op.a() % 10 == 1) {
          kafka.loseAnswer();
        } else {
          kafka.skip(id, op.b() % 3);
        }
      }
    }
  }

  private void append(TopicPartition id, int b) {
    byte @Nullable [] key = b % 7 == 0 ? null : Users.bytes("key-" + b % 4);
    byte[] value = Users.event("user", number++).toByteArray();
    kafka.append(id, key, value, b % 5 == 0 ? b % 3 : 0);
  }

  private void assign(TopicPartition id) {
    kafka.assign(assembly.rebalance(), id);
  }

  /** What the member reads then is what it has to hold to. */
  private void beginEpoch(TopicPartition id) {
    epochs.put(id, new Epoch(kafka.committed().get(id)));
  }

  private void work(int which) throws Exception {
    if (!workers.isEmpty()) {
      Runnable worker = workers.remove(which % workers.size());
      // Not on this thread, on which no handler may run.
      helper.submit(worker).get();
    }
  }

  private void fire(int which) {
    if (!timers.isEmpty()) {
      timers.remove(which % timers.size()).run();
    }
  }

  private void answerProducer(boolean made) {
    if (lettersAnswered == producer.history().size()) {
      return;
    }
    Headers letter = producer.history().get(lettersAnswered++).headers();
    if (made) {
      acknowledgedLetters.add(
          "sim-"
              + EventHeaders.text(letter, DeadLetterHeaders.PARTITION)
              + "@"
              + EventHeaders.text(letter, DeadLetterHeaders.OFFSET));
      producer.completeNext();
    } else {
      producer.errorNext(new TimeoutException("told to"));
    }
  }

  private void crash() {
    assembly = assembly();
    kafka.crash();
    epochs.clear();
    workers.clear();
    timers.clear();
    running.clear();
    producer = producer();
    lettersAnswered = 0;
  }

  /** The handler: begins, and ends when an operation says so. */
  private CompletableFuture<String> handle(Delivery<UserEvent> delivery) {
    TopicPartition id =
        new TopicPartition(delivery.record().topic(), delivery.record().partition());
    long offset = delivery.record().offset();
    Epoch epoch = epochs.get(id);
    String what = id + "@" + offset;
    if (epoch == null) {
      note(false, what + " is handled after its partition was given up");
      return CompletableFuture.completedFuture("");
    }
    note(epoch.live.add(offset), what + " is handled twice at once");
    note(!epoch.finished.contains(offset), what + " is handled again after it finished");
    note(
        offset >= epoch.base && !epoch.before.contains(offset),
        what + " is handled although its commit was acknowledged");
    noteOrder(epoch, id, offset, delivery.record().rawKey());
    epoch.started.add(offset);
    CompletableFuture<String> stage = new CompletableFuture<>();
    running.add(new Running(epoch, id, offset, stage));
    return stage;
  }

  private void noteOrder(Epoch epoch, TopicPartition id, long offset, byte @Nullable [] key) {
    if (order == ProcessingOrder.UNORDERED) {
      return;
    }
    for (ConsumerRecord<byte[], byte[]> earlier : kafka.log(id)) {
      boolean waitsFor =
          order == ProcessingOrder.PARTITION
              || (key != null && java.util.Arrays.equals(key, earlier.key()));
      if (waitsFor
          && earlier.offset() < offset
          && earlier.offset() >= epoch.base
          && !epoch.before.contains(earlier.offset())) {
        note(
            isFinished(epoch, id, earlier.offset()),
            id + "@" + offset + " is handled before " + earlier.offset() + " is finished");
      }
    }
  }

  private boolean isFinished(Epoch epoch, TopicPartition id, long offset) {
    return epoch.finished.contains(offset) || acknowledgedLetters.contains(id + "@" + offset);
  }

  private void end(int which, int how) {
    if (running.isEmpty()) {
      return;
    }
    Running one = running.remove(which % running.size());
    one.epoch.live.remove(one.offset);
    if (how == 0) {
      one.epoch.finished.add(one.offset);
      finishedEver.add(one.id + "@" + one.offset);
      one.stage.complete("");
    } else if (how == 1) {
      one.stage.completeExceptionally(new IllegalStateException("told to fail"));
    } else {
      one.stage.completeExceptionally(new UndecodableEventException("told to be damaged", null));
    }
  }

  private void note(boolean holds, String what) {
    if (!holds) {
      violations.add(what);
    }
  }

  /** What holds at every moment. */
  private void check() {
    require(violations.isEmpty(), violations.toString());
    require(
        !assembly.faults().has("executor"), "executor at fault: " + assembly.faults().current());
    kafka
        .committed()
        .forEach(
            (id, committed) -> {
              OffsetRuns beyond =
                  CommitMetadata.decode(committed.metadata(), TOPIC_ID, committed.offset());
              for (ConsumerRecord<byte[], byte[]> record : kafka.log(id)) {
                String what = id + "@" + record.offset();
                if (record.offset() < committed.offset() || beyond.contains(record.offset())) {
                  require(
                      finishedEver.contains(what) || acknowledgedLetters.contains(what),
                      what + " is committed and not finished");
                }
              }
            });
    long outstanding = 0;
    for (Partition partition : assembly.rebalance().owned()) {
      outstanding += partition.records();
    }
    require(outstanding < LIMIT + POLL, outstanding + " in flight");
  }

  /** Everything works again: all must be handled, and nothing stays behind. */
  private void heal() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      partitions.forEach(this::assign);
      assembly.loop().runOnce();
      work(0);
      end(0, 0);
      fire(0);
      answerProducer(true);
      kafka.answerCommit(true);
      check();
      if (isDone()) {
        return;
      }
    }
    throw new AssertionError("It stalls: committed " + kafka.committed() + ", running " + running);
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

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
