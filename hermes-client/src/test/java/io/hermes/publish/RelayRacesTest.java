package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Races;
import java.util.Objects;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is handed over to the acknowledgement thread, in all the orders that threads can take. */
class RelayRacesTest {

  @Test
  void handsOverEachInItsOrder() {
    Relay relay = new Relay();
    assertThat(relay.poll()).isNull();
    for (int round = 0; round < 3; round++) {
      PendingPublish[] events = {event(1), event(2), event(3), event(4)};
      relay.add(events[0], null);
      relay.add(events[1], null);
      assertThat(relay.poll()).isSameAs(events[0]);
      relay.add(events[2], null);
      relay.add(events[3], null);
      assertThat(relay.isEmpty()).isFalse();
      for (int i = 1; i < events.length; i++) {
        assertThat(relay.poll()).isSameAs(events[i]);
      }
      assertThat(relay.isEmpty()).isTrue();
    }
  }

  @Test
  void handsOverMoreThanAChunkHas() {
    Relay relay = new Relay();
    for (int i = 0; i < 2_000; i++) {
      relay.add(event(i), null);
    }
    for (int i = 0; i < 2_000; i++) {
      assertThat(Objects.requireNonNull(relay.poll()).keyBytes()).isEqualTo(i);
    }
    assertThat(relay.poll()).isNull();
  }

  @Test
  void everyInterleavingIsAsOneAfterTheOther() {
    Races.check(Queue.class, 5, 200);
  }

  @Tag("full")
  @Test
  void everyInterleavingOfManyScenariosIsAsOneAfterTheOther() {
    Races.check(Queue.class, 50, 1_000);
  }

  @SuppressWarnings("NullAway") // it goes nowhere
  private static PendingPublish event(int number) {
    return new PendingPublish(null, null, number, 0, 0, null);
  }

  /** Two threads may take: the one that hangs and the one that took over. */
  public static class Queue {

    private final Relay relay = new Relay();

    /** Any thread. */
    @Operation
    public void add(@Param(gen = IntGen.class, conf = "1:3") int number) {
      relay.add(event(number), null);
    }

    /** Any thread. */
    @Operation
    public @Nullable Integer poll() {
      PendingPublish event = relay.poll();
      return event == null ? null : event.keyBytes();
    }
  }
}
