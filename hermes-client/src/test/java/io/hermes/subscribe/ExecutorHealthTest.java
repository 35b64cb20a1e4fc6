package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An executor that has fewer threads than the subscriber's concurrency. */
@KafkaTest
@Timeout(60)
class ExecutorHealthTest {

  @ParameterizedTest
  @ValueSource(strings = {"abort", "caller runs"})
  void anExecutorThatIsFullIsOneFaultAsLongAsItRefusesAndNoLonger(String policy, Kafka kafka)
      throws Exception {
    RejectedExecutionHandler whenFull =
        policy.equals("abort")
            ? new ThreadPoolExecutor.AbortPolicy()
            : new ThreadPoolExecutor.CallerRunsPolicy();
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), whenFull);
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger handled = new AtomicInteger();
    try (Users users = new Users(kafka, 1);
        HermesSubscriber subscriber =
            users
                .subscriber()
                .executor(one)
                .start(
                    delivery -> {
                      released.await();
                      handled.incrementAndGet();
                    })) {
      users.sendAll(20, 1);
      Await.until("the same fault lasts", () -> beganBefore(subscriber, 1_500));
      assertThat(subscriber.health().isHealthy()).isFalse();
      released.countDown();
      Await.until("handled", () -> handled.get() == 20);
      Await.until("over", () -> subscriber.health().isHealthy());
    } finally {
      one.shutdownNow();
    }
  }

  private static boolean beganBefore(HermesSubscriber subscriber, long millis) {
    Instant then = Instant.now().minusMillis(millis);
    return subscriber.health().faults().stream()
        .anyMatch(fault -> fault.kind() == Fault.Kind.EXECUTOR && fault.since().isBefore(then));
  }
}
