package io.hermes.subscribe;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member of the group: Kafka's consumer, and its replacement when its membership
 * has ended. With {@code group.protocol=consumer} (KIP-848), several responses of the coordinator
 * end a membership for good: one poll throws the error, and all later polls return nothing. Poll
 * thread only, but any thread may read {@link #consumer()} to wake it.
 */
final class Member {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final String group;
  private final Supplier<Consumer<byte[], byte[]>> another;
  private volatile Consumer<byte[], byte[]> current; // written by the poll thread
  private boolean retired;

  /**
   * Creates a member with its first consumer.
   *
   * @param another creates a further consumer, subscribed to the same topics
   */
  Member(String group, Consumer<byte[], byte[]> first, Supplier<Consumer<byte[], byte[]>> another) {
    this.group = group;
    this.current = first;
    this.another = another;
  }

  Consumer<byte[], byte[]> consumer() {
    return current;
  }

  /** Wakes the poll thread, whether it polls or waits between polls. Any thread. */
  void wakeUp(Thread polling) {
    current.wakeup();
    LockSupport.unpark(polling);
  }

  /**
   * Closes the consumer; {@link #renew()} creates the next one. In this order, since both have the
   * same {@code client.id}, under which Kafka registers metrics.
   */
  void retire() {
    if (!retired) {
      retired = true;
      close(CLOSE_TIMEOUT);
    }
  }

  /**
   * Creates the next consumer if there is none.
   *
   * @throws KafkaException if that fails now, for example because a host name cannot be resolved
   */
  void renew() {
    if (retired) {
      current = another.get();
      retired = false;
    }
  }

  void close(Duration timeout) {
    try {
      current.close(CloseOptions.timeout(timeout));
    } catch (KafkaException e) {
      LOG.warn("Group {}: the consumer did not leave the group cleanly: {}", group, e.toString());
    }
  }

  /** Whether the coordinator has accepted this consumer at least once. */
  boolean hasJoined() {
    return !retired && current.groupMetadata().generationId() >= 0;
  }

  /** Whether the last heartbeat was sent within this time; an ended membership sends none. */
  boolean sendsHeartbeats(Duration within) {
    if (retired) {
      return false;
    }
    for (Map.Entry<MetricName, ? extends Metric> metric : current.metrics().entrySet()) {
      if (metric.getKey().name().equals("last-heartbeat-seconds-ago")
          && metric.getValue().metricValue() instanceof Number seconds) {
        return seconds.longValue() >= 0 && seconds.longValue() <= within.toSeconds();
      }
    }
    return false;
  }
}
