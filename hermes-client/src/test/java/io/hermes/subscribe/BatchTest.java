package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a batch handler says of its events. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class BatchTest {

  private static final ErrorPolicy POLICY =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final List<List<Long>> batches = new CopyOnWriteArrayList<>();
  private final Kafka kafka;

  BatchTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private HermesSubscriber subscriber(
      Users users, ProcessingOrder order, BatchHandler<UserEvent> handler) {
    return HermesSubscriber.builder()
        .settings(users.settings())
        .group(users.group())
        .onError(POLICY)
        .onBatch(
            users.topic(),
            10,
            deliveries -> {
              batches.add(deliveries.stream().map(d -> d.record().offset()).toList());
              handler.handle(deliveries);
            })
        .order(order) // in any place
        .start();
  }

  /** Offset 3 fails once, 6 always; both are told at the same time. */
  private static void failThreeAndSix(List<Delivery<UserEvent>> deliveries) throws BatchFailure {
    Map<Integer, Throwable> failures = new HashMap<>();
    for (int i = 0; i < deliveries.size(); i++) {
      Delivery<UserEvent> delivery = deliveries.get(i);
      long offset = delivery.record().offset();
      if (offset == 6 || (offset == 3 && delivery.attempt() == 1)) {
        failures.put(i, new IllegalStateException("no " + offset));
      }
    }
    if (!failures.isEmpty()) {
      throw BatchFailure.of(failures);
    }
  }

  @Test
  void eachThatFailsGoesItsOwnWayWithoutOrderAndTheOthersAreAcked() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(4, 25);
      try (HermesSubscriber subscriber =
          subscriber(users, ProcessingOrder.UNORDERED, BatchTest::failThreeAndSix)) {
        Await.until("all committed", () -> users.committedSum() == 100);
        Await.until("none left", () -> subscriber.health().inFlightRecords() == 0);
      }
      requireHandledTwice(3, 6);
      assertThat(batches).contains(List.of(3L), List.of(6L)); // alone
      requireOneDeadLetter(users, 6);
    }
  }

  @Test
  void inOrderOnlyTheFirstThatFailsCountsAndAllFromItOnComeAgain() throws Exception {
    for (ProcessingOrder order : List.of(ProcessingOrder.KEY, ProcessingOrder.PARTITION)) {
      batches.clear();
      try (Users users = new Users(kafka, 1)) {
        users.sendAll(4, 25);
        try (HermesSubscriber subscriber = subscriber(users, order, BatchTest::failThreeAndSix)) {
          Await.until("all committed", () -> users.committedSum() == 100);
        }
        // Whatever the batches were: after one that failed, the next begins with what failed.
        List<Long> flat = batches.stream().flatMap(List::stream).toList();
        assertThat(flat.stream().distinct()).hasSize(100).isSorted();
        assertThat(flat.stream().filter(offset -> offset == 3)).hasSize(2);
        assertThat(flat.stream().filter(offset -> offset < 3)).hasSize(3);
        assertThat(batches.stream().map(batch -> batch.get(0))).contains(3L, 6L, 7L);
        requireOneDeadLetter(users, 6);
      }
    }
  }

  private void requireHandledTwice(long... offsets) {
    List<Long> expected = new ArrayList<>(LongStream.range(0, 100).boxed().toList());
    LongStream.of(offsets).forEach(expected::add);
    assertThat(batches.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void requireOneDeadLetter(Users users, long offset) {
    assertThat(users.deadLetters())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(
                        Users.text(letter.headers().lastHeader(DeadLetterHeaders.OFFSET).value()))
                    .isEqualTo(Long.toString(offset)));
  }

  @Test
  void aPlaceThatIsNotInTheBatchAcksNothingOfIt() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(5, 1);
      List<Integer> attempts = new CopyOnWriteArrayList<>();
      try (HermesSubscriber subscriber =
          subscriber(
              users,
              ProcessingOrder.UNORDERED,
              deliveries -> {
                attempts.add(deliveries.get(0).attempt());
                if (attempts.size() == 1) {
                  throw BatchFailure.of(Map.of(deliveries.size(), new IllegalStateException()));
                }
              })) {
        Await.until("all committed", () -> users.committedSum() == 5);
      }
      assertThat(batches.get(1).get(0)).isZero();
      assertThat(attempts.get(1)).isEqualTo(2);
      assertThatThrownBy(() -> BatchFailure.of(Map.of())).isInstanceOf(SettingsException.class);
      assertThatThrownBy(() -> BatchFailure.at(-1, new IllegalStateException()))
          .isInstanceOf(SettingsException.class);
    }
  }
}
