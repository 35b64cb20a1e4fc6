package io.hermes.publish;

import io.hermes.Fault;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.Timeouts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that every event gets an outcome, even if Kafka's producer reports none. A producer
 * that does not have its producer id yet, because the brokers became unreachable right after it
 * started, keeps its records and expires none, not even after the delivery timeout. A producer
 * whose I/O thread was ended by an {@code Error} calls nothing back. The producer is replaced as
 * soon as its I/O thread is found dead, or when events are in flight and none has ended for longer
 * than the delivery timeout. Its events then end as unknown.
 *
 * <p>Its own thread calls {@link #check} once a second.
 */
final class DeliveryWatch {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private static final String FAULT = "delivery";

  /** Kafka notices a leader that does not respond after its request timeout of 10 s. */
  private static final long STALLED_NS = TimeUnit.SECONDS.toNanos(15);

  /** Lets Kafka expire records first. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Relay relay;
  private final ReplaceableProducer producer;
  private final BrokerWatch brokers;
  private final Faults faults;
  private final long limitNs;
  private volatile boolean stopped;

  // Used only by the watch's thread.
  private long endedBefore;
  private long quietSinceNs = System.nanoTime();

  DeliveryWatch(
      Relay relay,
      ReplaceableProducer producer,
      BrokerWatch brokers,
      Faults faults,
      Duration deliveryTimeout) {
    this.relay = relay;
    this.producer = producer;
    this.brokers = brokers;
    this.faults = faults;
    this.limitNs = Timeouts.nanos(deliveryTimeout) + GRACE.toNanos();
  }

  /** The fault that some events wait while others are acknowledged; null if none does. */
  private @Nullable Fault waiting(long nowNs) {
    WaitingEvents.Sample oldest = producer.samples().oldest();
    return oldest == null || nowNs - oldest.sinceNs() <= STALLED_NS
        ? null
        : stalled("Some of the events in flight to " + oldest.topic() + " have not")
            .ofTopic(oldest.topic())
            .since(oldest.since());
  }

  private static Fault missing() {
    return Fault.of(
        Fault.Kind.DELIVERY,
        "Kafka's producer reported no outcomes and has not been replaced yet, so events are"
            + " rejected.",
        "Publish them again later. If this lasts, the log says why no new producer can be created,"
            + " or an interceptor or another class given to Kafka's producer does not return: see a"
            + " thread dump.");
  }

  private static Fault stalled(String which) {
    return Fault.of(
        Fault.Kind.DELIVERY,
        which
            + " been acknowledged for more than "
            + TimeUnit.NANOSECONDS.toSeconds(STALLED_NS)
            + " s.",
        "Check the leaders of the topics' partitions, and min.insync.replicas; an event that is not"
            + " acknowledged within deliveryTimeout ends as unknown.");
  }

  void start() {
    Thread thread = new Thread(this::run, "hermes-delivery-watch");
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stopped = true;
  }

  private void run() {
    while (!stopped) {
      LockSupport.parkNanos(this, INTERVAL_NS);
      try {
        if (!stopped) {
          check(System.nanoTime());
        }
      } catch (Throwable e) { // keeps watching: the next check may succeed
        Thrown.log(
            producer.owner(),
            () ->
                LOG.error(
                    "{}: the check of Kafka's producer failed and is repeated",
                    producer.owner(),
                    e));
      }
    }
  }

  void check(long nowNs) {
    producer.mend();
    producer.sweep();
    brokers.check(nowNs);
    long ended = relay.ended();
    Fault waiting = waiting(nowNs);
    if (relay.withoutOutcome() == 0 || ended != endedBefore) {
      endedBefore = ended;
      quietSinceNs = nowNs;
    }
    if (producer.isMissing()) {
      faults.begin(FAULT, missing(), null);
    } else if (nowNs - quietSinceNs > STALLED_NS) {
      faults.begin(FAULT, stalled("None of the events in flight has"), null);
    } else if (waiting != null) {
      faults.begin(FAULT, waiting, null);
    } else {
      faults.end(FAULT);
    }
    if (producer.samples().ioThread().isDead() && producer.isInUse()) {
      LOG.warn(
          "{}: the I/O thread of Kafka's producer has ended; it is replaced, and {} events end as"
              + " unknown",
          producer.owner(),
          relay.withoutOutcome());
      producer.replace();
      quietSinceNs = nowNs;
    } else if (nowNs - quietSinceNs > limitNs) {
      LOG.warn(
          "{}: Kafka's producer has reported no outcome of {} events for {} s; it is replaced, and"
              + " they end as unknown",
          producer.owner(),
          relay.withoutOutcome(),
          TimeUnit.NANOSECONDS.toSeconds(nowNs - quietSinceNs));
      producer.replace();
      quietSinceNs = nowNs;
    }
  }
}
