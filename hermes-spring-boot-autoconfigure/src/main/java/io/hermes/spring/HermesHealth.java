package io.hermes.spring;

import io.hermes.Fault;
import io.hermes.publish.PublisherHealth;
import io.hermes.subscribe.SubscriberHealth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The health of each publisher and subscriber, by name: UP if it is connected (a subscriber: in its
 * group) and healthy. Faults have the name of their {@link Fault.Kind} as a stable code.
 */
final class HermesHealth implements CompositeHealthContributor {

  static final String NAME = "hermes";

  private final HermesPublishers publishers;
  private final HermesSubscribers subscribers;

  HermesHealth(HermesPublishers publishers, HermesSubscribers subscribers) {
    this.publishers = publishers;
    this.subscribers = subscribers;
  }

  private Map<String, HealthContributor> contributors() {
    Map<String, HealthContributor> all = new LinkedHashMap<>();
    publishers
        .all()
        .forEach((name, publisher) -> all.put(name, (HealthIndicator) () -> health(publisher)));
    subscribers
        .all()
        .forEach(
            (name, subscriber) ->
                all.put(
                    all.containsKey(name) ? "subscriber-" + name : name,
                    (HealthIndicator) () -> health(subscriber)));
    return all;
  }

  @Override
  public @Nullable HealthContributor getContributor(String name) {
    return contributors().get(name);
  }

  @Override
  public Stream<HealthContributors.Entry> stream() {
    return contributors().entrySet().stream()
        .map(entry -> new HealthContributors.Entry(entry.getKey(), entry.getValue()));
  }

  private static Health health(ConnectingPublisher publisher) {
    PublisherHealth health = publisher.health();
    return (publisher.state() == ConnectingPublisher.State.OPEN && health.isHealthy()
            ? Health.up()
            : Health.down())
        .withDetail(
            "topics", publisher.config().topics().stream().map(t -> t.name()).distinct().toList())
        .withDetail("state", publisher.state())
        .withDetail("inFlightRecords", health.inFlightRecords())
        .withDetail("faults", health.faults().stream().map(HermesHealth::details).toList())
        .build();
  }

  private static Health health(ManagedSubscriber subscriber) {
    SubscriberHealth health = subscriber.subscriber().health();
    List<Fault> faults = subscriber.faults();
    Health.Builder result =
        status(subscriber)
            .withDetail("group", subscriber.subscriber().config().group())
            .withDetail("state", health.state())
            .withDetail("joined", health.joined())
            .withDetail(
                "assigned",
                health.assigned().stream().map(TopicPartition::toString).sorted().toList())
            .withDetail("inFlightRecords", health.inFlightRecords())
            .withDetail("faults", faults.stream().map(HermesHealth::details).toList());
    if (health.joined() && health.lag().keySet().containsAll(health.assigned())) {
      result.withDetail("lag", health.lag().values().stream().mapToLong(Long::longValue).sum());
    }
    health
        .oldestUnfinished()
        .ifPresent(
            oldest -> result.withDetail("oldestUnfinishedSeconds", oldest.age().toSeconds()));
    return result.build();
  }

  /** A subscriber that is not meant to run yet says nothing about the application. */
  private static Health.Builder status(ManagedSubscriber subscriber) {
    if (subscriber.isUnused()) {
      return Health.unknown();
    }
    return subscriber.isReady() ? Health.up() : Health.down();
  }

  static Map<String, Object> details(Fault fault) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("code", fault.kind().name());
    details.put("problem", fault.problem());
    details.put("advice", fault.advice());
    details.put("since", fault.since().toString());
    fault.topic().ifPresent(topic -> details.put("topic", topic));
    return details;
  }
}
