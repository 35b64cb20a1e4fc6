package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Races;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A producer is given up while callers send and Kafka still ends events: each ends once. */
@Tag("slow")
class InFlightRacesTest {

  @Test
  void whatIsGivenUpEndsExactlyOnceInEveryInterleaving() {
    Races.check(GivingUp.class, 5, 200);
  }

  @Tag("full")
  @Test
  void whatIsGivenUpEndsExactlyOnceInManyScenarios() {
    Races.check(GivingUp.class, Races.MANY, 1_000);
  }

  @Test
  void itHoldsNoMoreThanFourTimesWhatIsInFlight() {
    InFlight inFlight = new InFlight(64);
    Queue<Pending> sent = new ArrayDeque<>();
    int stuck = 0;
    for (int event = 0; event < 200_000; event++) {
      Pending pending = new NumberedEvent(event);
      inFlight.add(pending);
      if (event % 50 == 0 && stuck < 1_000) {
        stuck++; // as for a partition whose leader does not respond
      } else {
        sent.add(pending);
      }
      if (sent.size() > 1_000) {
        assertThat(sent.remove().ended(null)).isTrue();
      }
      if (event > 20_000) {
        assertThat(inFlight.count()).isLessThan(4 * (1_000 + stuck));
      }
    }
    sent.forEach(pending -> pending.ended(null));
    inFlight.sweep();
    assertThat(inFlight.count()).isEqualTo(stuck);
  }

  /** Segments of two entries, so that they are soon full. */
  public static class GivingUp {

    private final Admission admission = new Admission(100, 1_000);
    private final Relay relay = new Relay(admission);
    private final InFlight inFlight = new InFlight(2);
    private final Queue<Counted> all = new ConcurrentLinkedQueue<>();
    private final Queue<Counted> inKafka = new ConcurrentLinkedQueue<>();
    private volatile boolean givenUp;

    /** A caller. */
    @Operation
    public void send() {
      admission.tryEnter(1);
      Counted event = new Counted(relay);
      all.add(event);
      inKafka.add(event);
      inFlight.add(event);
    }

    /** Kafka's I/O thread, before the producer is given up or too late. */
    @Operation
    public void acknowledge() {
      Counted event = inKafka.poll();
      if (event != null) {
        relay.add(event, "acknowledged");
      }
    }

    /** The watch, or close. */
    @Operation
    public void giveUp() {
      inFlight.giveUp(new KafkaException("given up"));
      givenUp = true;
    }

    /** The watch, once a second. */
    @Operation
    public void sweep() {
      inFlight.sweep();
    }

    /** The acknowledgement thread. */
    @Operation
    public void deliver() {
      Pending event = relay.poll();
      if (event != null) {
        event.deliver();
      }
    }

    /** At rest, all have ended once if the producer was given up, and none has twice. */
    @Validate
    public void eachEndsOnce() {
      while (relay.waiting() > 0) {
        deliver();
      }
      for (Counted event : all) {
        int times = event.delivered.get();
        if (times > 1 || (givenUp && times == 0)) {
          throw new IllegalStateException("An event has ended " + times + " times.");
        }
      }
      if (givenUp && (admission.records() != 0 || admission.bytes() != 0)) {
        throw new IllegalStateException(admission.records() + " events have kept their room.");
      }
    }
  }

  /** Counts how often it is delivered. */
  private static final class Counted extends NumberedEvent {

    private final AtomicInteger delivered = new AtomicInteger();
    private final Relay relay;

    Counted(Relay relay) {
      super(1);
      this.relay = relay;
    }

    @Override
    public void lost(Exception why) {
      relay.add(this, why);
    }

    @Override
    public void deliver() {
      delivered.incrementAndGet();
    }
  }
}
