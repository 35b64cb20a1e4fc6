package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Races;
import java.util.Objects;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is handed over to the acknowledgement thread, in all the orders that threads can take. */
class RelayRacesTest {

  private final Admission admission = new Admission(5_000, 1 << 30);
  private final Relay relay = new Relay(admission);

  @Test
  void handsOverEachInItsOrder() {
    assertThat(relay.poll()).isNull();
    for (int round = 0; round < 3; round++) {
      Pending[] events = {event(1), event(2), event(3), event(4)};
      admit(events[0]);
      admit(events[1]);
      assertThat(relay.poll()).isSameAs(events[0]);
      admit(events[2]);
      admit(events[3]);
      assertThat(relay.waiting()).isEqualTo(3);
      for (int i = 1; i < events.length; i++) {
        assertThat(relay.poll()).isSameAs(events[i]);
      }
      assertThat(relay.waiting()).isZero();
    }
  }

  @Test
  void handsOverMoreThanAChunkHas() {
    for (int i = 0; i < 2_000; i++) {
      admit(event(i));
    }
    for (int i = 0; i < 2_000; i++) {
      assertThat(Objects.requireNonNull(relay.poll()).charge()).isEqualTo(i);
    }
    assertThat(relay.poll()).isNull();
    assertThat(relay.taken()).isEqualTo(2_000);
  }

  private void admit(Pending event) {
    assertThat(admission.tryEnter(event.charge())).isTrue();
    relay.add(event, null);
  }

  /** One that is taken may block, so what comes after it must not have given back much more. */
  @Test
  void roomIsGivenBackBeforeAnEventIsTakenAndNotLongBefore() {
    for (int i = 0; i < 2_000; i++) {
      assertThat(admission.tryEnter(i)).isTrue();
    }
    assertThat(relay.withoutOutcome()).isEqualTo(2_000);
    for (int i = 0; i < 2_000; i++) {
      relay.add(event(i), null);
      assertThat(relay.withoutOutcome()).isEqualTo(1_999 - i);
    }
    assertThat(admission.records()).isEqualTo(2_000);
    for (int i = 1; i <= 2_000; i++) {
      assertThat(relay.poll()).isNotNull();
      assertThat(admission.records()).isBetween(2_000 - i - 63, 2_000 - i);
    }
    assertThat(admission.bytes()).isZero();
  }

  @Test
  void everyInterleavingIsAsOneAfterTheOther() {
    Races.check(Queue.class, 5, 200);
  }

  @Tag("full")
  @Test
  void everyInterleavingOfManyScenariosIsAsOneAfterTheOther() {
    Races.check(Queue.class, Races.MANY, 1_000);
  }

  private static Pending event(int number) {
    return new NumberedEvent(number);
  }

  /** Two threads may take: the one that hangs and the one that took over. */
  public static class Queue {

    private final Admission admission = new Admission(100, 1_000);
    private final Relay relay = new Relay(admission);

    /** Any thread, with an event that was admitted. */
    @Operation
    public void add(@Param(gen = IntGen.class, conf = "1:3") int number) {
      admission.tryEnter(number);
      relay.add(event(number), null);
    }

    /** Any thread. */
    @Operation
    public @Nullable Integer poll() {
      Pending event = relay.poll();
      return event == null ? null : event.charge();
    }

    /** At rest, what was admitted has its outcome, and room only as long as it waits. */
    @Validate
    public void roomIsAsWhatWaits() {
      if (relay.withoutOutcome() != 0 || admission.records() > relay.waiting()) {
        throw new IllegalStateException(
            admission.records() + " have room, and " + relay.waiting() + " wait.");
      }
    }
  }
}
