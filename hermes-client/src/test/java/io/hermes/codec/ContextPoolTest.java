package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Encoding;
import io.hermes.events.v1.UserEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContextPoolTest {

  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final ContextPool<Counted> pool = new ContextPool<>(2, Counted::new);

  @Test
  void aContextIsUsedAgain() {
    Counted first = pool.acquire();
    pool.release(first);
    assertThat(pool.acquire()).isSameAs(first);
    assertThat(made).hasValue(1);
  }

  @Test
  void whoFindsNoContextWaitsForAnothersAndKeepsItsInterrupt() throws Exception {
    Counted first = pool.acquire();
    Counted second = pool.acquire();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Boolean> third =
          executor.submit(
              () -> {
                Thread.currentThread().interrupt();
                assertThat(pool.acquire()).isSameAs(second);
                return Thread.interrupted();
              });
      assertThat(third.isDone()).isFalse();
      pool.release(second);
      assertThat(third.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(made).hasValue(2);
    } finally {
      executor.shutdownNow();
    }
    pool.release(first);
  }

  @Test
  void whatFailedIsNotUsedAgain() {
    pool.discard(pool.acquire());
    assertThat(open).hasValue(0);
    pool.acquire();
    pool.acquire();
    assertThat(made).hasValue(3);
  }

  @Test
  void aContextThatCannotBeMadeTakesNoPlace() {
    ContextPool<Counted> failing =
        new ContextPool<>(
            1,
            () -> {
              throw new OutOfMemoryError("no native memory");
            });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(failing::acquire).isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void closingFreesWhatIsIdleAtOnceAndWhatIsInUseAfterwards() {
    Counted used = pool.acquire();
    pool.release(pool.acquire());
    assertThat(open).hasValue(2);
    pool.close();
    pool.close();
    assertThat(open).hasValue(1);
    pool.release(used);
    assertThat(open).hasValue(0);
  }

  @Test
  void afterClosingItServesAndKeepsNothing() {
    pool.close();
    for (int i = 0; i < 5; i++) {
      pool.release(pool.acquire());
      assertThat(open).hasValue(0);
    }
  }

  @Test
  void oneSerdeServesManyThreadsAndClosesInTheMiddleOfIt() throws Exception {
    List<UserEvent> events = List.of(Events.large(1, 900), Events.large(2, 150_000));
    ExecutorService executor = Executors.newFixedThreadPool(16);
    var serializer = new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, ZstdOptions.defaults());
    var deserializer = new ZstdProtobufDeserializer<>(UserEvent.parser(), ZstdOptions.defaults());
    try (serializer;
        deserializer) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int task = 0; task < 32; task++) {
        boolean closes = task % 16 == 15;
        tasks.add(
            () -> {
              for (int i = 0; i < 10; i++) {
                Headers headers = Frames.none();
                UserEvent event = events.get(i % 2);
                byte[] value = serializer.serialize("t", headers, event);
                assertThat(headers).hasSize(1);
                assertThat(deserializer.deserialize("t", headers, value)).isEqualTo(event);
              }
              if (closes) {
                serializer.close();
                deserializer.close();
              }
              return null;
            });
      }
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private final class Counted implements NativeContext {

    Counted() {
      made.incrementAndGet();
      open.incrementAndGet();
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }
}
