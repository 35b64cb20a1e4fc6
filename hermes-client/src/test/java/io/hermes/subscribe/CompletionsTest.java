package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class CompletionsTest {

  private final TopicPartition id = new TopicPartition("t", 0);
  private final Partition partition =
      new Partition(new Assignment(id, 1, Thread.currentThread()), null, 0, null);

  private WorkItem item(long offset) {
    return new WorkItem(
        new ConsumerRecord<>("t", 0, offset, new byte[0], new byte[0]), partition, offset);
  }

  @Test
  void everyOneThatManyThreadsAddIsTakenOnce() throws Exception {
    Completions completions = new Completions(() -> {});
    List<Thread> threads = new ArrayList<>();
    int each = 50_000;
    AtomicInteger running = new AtomicInteger(3);
    for (int t = 0; t < 3; t++) {
      int first = t * each;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  completions.add(item(first + i));
                }
                running.decrementAndGet();
              }));
    }
    threads.forEach(Thread::start);
    Set<Long> taken = new HashSet<>();
    boolean over = false;
    while (!over) {
      over = running.get() == 0; // before the last look
      for (WorkItem item = completions.takeAll(); item != null; item = item.below) {
        if (!taken.add(item.ticket)) {
          throw new AssertionError("taken twice: " + item);
        }
      }
    }
    assertThat(taken).hasSize(3 * each);
  }

  @Test
  void wakesOnceAfterAsManyAsWereAskedFor() {
    AtomicInteger woken = new AtomicInteger();
    Completions completions = new Completions(woken::incrementAndGet);
    completions.add(item(0));
    assertThat(completions.alarmAfter(2)).isTrue();
    assertThat(completions.takeAll()).isNotNull();
    assertThat(completions.alarmAfter(2)).isFalse();
    completions.add(item(1));
    assertThat(woken).hasValue(0);
    completions.add(item(2));
    completions.add(item(3));
    assertThat(woken).hasValue(1);
    completions.alarmAfter(0);
    completions.add(item(4));
    assertThat(woken).hasValue(1);
  }
}
