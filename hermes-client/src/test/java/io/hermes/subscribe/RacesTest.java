package io.hermes.subscribe;

import static java.util.Objects.requireNonNull;

import io.hermes.testing.Races;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What crosses threads, in all the orders that threads can take. */
class RacesTest {

  private static final TopicPartition ID = new TopicPartition("t", 0);
  private static final ConsumerRecord<byte[], byte[]> RECORD =
      new ConsumerRecord<>("t", 0, 0, new byte[0], new byte[0]);

  @ParameterizedTest
  @ValueSource(classes = {Gate.class, Revoke.class, Stack.class, HandOver.class})
  void everyInterleavingIsAsOneAfterTheOther(Class<?> subject) {
    Races.check(subject, 5, 200);
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(classes = {Gate.class, Revoke.class, Stack.class, HandOver.class})
  void everyInterleavingOfManyScenariosIsAsOneAfterTheOther(Class<?> subject) {
    Races.check(subject, Races.MANY, 1_000);
  }

  private static Partition partition() {
    return new Partition(new Assignment(ID, 1, Thread.currentThread()), null, 0, null);
  }

  private static WorkItem item(Partition partition, long ticket) {
    return new WorkItem(RECORD, partition, ticket);
  }

  /** Entering, leaving and closing are one atomic step each. */
  public static class Gate {

    private final Assignment assignment = partition().assignment();
    private final int[] entered = new int[8];
    private volatile boolean closed;
    private volatile boolean enteredLate;

    /** Whether the thread is let in. */
    @Operation
    public boolean enter(@Param(gen = ThreadIdGen.class) int thread) {
      boolean late = closed;
      boolean in = assignment.tryEnter();
      enteredLate |= late && in;
      entered[thread] += in ? 1 : 0;
      return in;
    }

    /** Lets the thread out, if it is in. */
    @Operation
    public void leave(@Param(gen = ThreadIdGen.class) int thread) {
      if (entered[thread] > 0) {
        entered[thread]--;
        assignment.leave();
      }
    }

    /** Nobody enters any more. */
    @Operation
    public void close() {
      assignment.close();
      closed = true;
    }

    /** Its own order one after the other cannot tell: it would be wrong in the same way. */
    @Validate
    public void nobodyEntersAfterTheClose() {
      if (enteredLate) {
        throw new IllegalStateException("Somebody was let in after the close");
      }
    }

    /** How many are in. */
    @Operation
    public int inside() {
      return assignment.inside();
    }
  }

  /** When nobody is inside any more, every completion is there, and no more will come. */
  public static class Revoke {

    private final Partition partition = partition();
    private final Assignment assignment = partition.assignment();
    private final Completions completions = new Completions(() -> {});

    /** A worker's way through a record. */
    @Operation
    public boolean handle() {
      if (!assignment.tryEnter()) {
        return false;
      }
      completions.add(item(partition, 0));
      assignment.leave();
      return true;
    }

    /** The poll thread gives the partition up. Returns how many have finished since the last. */
    @Operation(nonParallelGroup = "poll")
    public int revoke() {
      assignment.close();
      while (assignment.inside() > 0) {
        Thread.onSpinWait();
      }
      return count(completions.takeAll());
    }
  }

  private static int count(@Nullable WorkItem top) {
    int count = 0;
    for (WorkItem item = top; item != null; item = item.below) {
      count++;
    }
    return count;
  }

  /** What is added is taken once. */
  public static class Stack {

    private final Partition partition = partition();
    private final Completions completions = new Completions(() -> {});

    /** Any worker. */
    @Operation
    public void add(@Param(gen = IntGen.class, conf = "1:3") int offset) {
      completions.add(item(partition, offset));
    }

    /** The poll thread: the offsets added up, each in bits of its own. */
    @Operation(nonParallelGroup = "poll")
    public long takeAll() {
      long sum = 0;
      for (WorkItem item = completions.takeAll(); item != null; item = item.below) {
        sum += 1L << (20 * (item.ticket - 1));
      }
      return sum;
    }
  }

  /** Every record of a key is handled once, in order, and nothing stays behind. */
  public static class HandOver {

    private final Partition partition = partition();
    private final KeyQueues queues = new KeyQueues();
    private final Map<Integer, ConcurrentLinkedQueue<Long>> handled = new ConcurrentHashMap<>();
    private final Map<Integer, Long> received = new ConcurrentHashMap<>();

    /** The poll thread puts the key's next record in line. */
    @Operation(nonParallelGroup = "poll")
    public void add(@Param(gen = IntGen.class, conf = "1:2") int key) {
      long number = received.merge(key, 1L, Long::sum);
      WorkItem item = item(partition, key * 1_000L + number);
      item.key = new QueueKey(partition.assignment(), new byte[] {(byte) key});
      queues.add(item);
    }

    /** A worker takes what is ready, and goes on with the key's next. */
    @Operation
    public void work() {
      WorkItem item = queues.poll();
      while (item != null) {
        int key = (int) (item.ticket / 1_000);
        handled
            .computeIfAbsent(key, none -> new ConcurrentLinkedQueue<>())
            .add(item.ticket % 1_000);
        item = queues.finished(item);
      }
    }

    /** A worker that retries the head first. */
    @Operation
    public void workAfterARetry() {
      WorkItem item = queues.poll();
      if (item != null) {
        queues.ready(item);
      }
      work();
    }

    /** After the scenario. */
    @Validate
    public void allIsHandledInOrder() {
      while (queues.hasReady()) {
        work();
      }
      if (queues.size() != 0) {
        throw new IllegalStateException(queues.size() + " keys are left");
      }
      received.forEach(
          (key, count) -> {
            long next = 1;
            for (long number : requireNonNull(handled.get(key))) {
              if (number != next++) {
                throw new IllegalStateException("Key " + key + ": " + handled.get(key));
              }
            }
            if (next != count + 1) {
              throw new IllegalStateException("Key " + key + ": " + count + " were received");
            }
          });
    }
  }
}
