package io.hermes.micrometer;

import io.hermes.subscribe.SubscriberHealth;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/**
 * The lag of each partition that is assigned to one subscriber. A partition has a gauge from when
 * its lag is first known until it is revoked. While the lag cannot be measured, the gauge keeps its
 * last value.
 *
 * <p>Updated by the poll thread, closed by the thread that closes the subscriber.
 */
final class PartitionLags {

  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<TopicPartition, Lag> lags = new HashMap<>(); // guarded by this
  private boolean closed; // guarded by this

  private record Lag(AtomicLong records, Gauge gauge) {}

  PartitionLags(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  synchronized void update(SubscriberHealth health) {
    if (closed) {
      return;
    }
    lags.entrySet()
        .removeIf(
            entry -> {
              boolean gone = !health.assigned().contains(entry.getKey());
              if (gone) {
                registry.remove(entry.getValue().gauge);
              }
              return gone;
            });
    health
        .lag()
        .forEach(
            (partition, lag) -> lags.computeIfAbsent(partition, this::register).records.set(lag));
  }

  private Lag register(TopicPartition partition) {
    AtomicLong records = new AtomicLong();
    Gauge gauge =
        Gauge.builder("hermes.subscriber.lag", records::get)
            .tags(tags)
            .tag(OutcomeTags.TOPIC, partition.topic())
            .tag("partition", Integer.toString(partition.partition()))
            .baseUnit("records")
            .description("Unfinished records of the partition")
            .register(registry);
    return new Lag(records, gauge);
  }

  synchronized void close() {
    closed = true;
    lags.values().forEach(lag -> registry.remove(lag.gauge));
    lags.clear();
  }
}
