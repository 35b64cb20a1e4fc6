package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When observers of a subscriber are told to remove what they registered. */
@KafkaTest
@Timeout(60)
class ObservationEndTest {

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Kafka kafka;

  private final SubscriberObserver noting =
      new SubscriberObserver() {
        @Override
        public Runnable started(String group, String client, Supplier<SubscriberHealth> health) {
          return () -> seen.add("closed");
        }
      };

  ObservationEndTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aSubscriberEndsWithinItsDeadlineAlthoughAHookOfAnObserverBlocks() throws Exception {
    CompletableFuture<@Nullable Void> release = new CompletableFuture<>();
    SubscriberObserver blocking =
        new SubscriberObserver() {
          @Override
          public Runnable started(String group, String client, Supplier<SubscriberHealth> health) {
            return release::join;
          }
        };
    try (Users users = new Users(kafka, 1)) {
      HermesSubscriber subscriber =
          users.subscriber().observer(noting).observer(blocking).start(delivery -> {});
      subscriber.close(Duration.ofMillis(500));
      assertThat(subscriber.completion()).succeedsWithin(Duration.ofSeconds(10));
      assertThat(seen).doesNotContain("closed");
      release.complete(null);
      Await.until("the hook behind it has run", () -> seen.contains("closed"));
    }
  }

  @Test
  void oneThatFailsStaysObservedUntilItIsClosed() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 1);
      HermesSubscriber subscriber =
          users
              .subscriber()
              .observer(noting)
              .start(
                  delivery -> {
                    throw new AssertionError("it stops");
                  });
      assertThat(subscriber.completion()).failsWithin(Duration.ofSeconds(30));
      assertThat(seen).doesNotContain("closed");
      subscriber.close();
      subscriber.close();
      assertThat(seen).containsOnlyOnce("closed");
    }
  }
}
