package io.hermes.faults;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import io.hermes.testing.History;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.TopicPartition;

/**
 * A member of the group in a JVM of its own, whose handler takes up to 20 ms, sometimes two
 * seconds, fails now and then, and for some events always: these are dead letters. It notes B
 * partition offset when a handler begins, E partition offset when it has ended well, C partition
 * offset when a commit is acknowledged.
 *
 * <p>Arguments: bootstrap servers, topic, group, {@code group.protocol}, history.
 */
final class MemberMain {

  /** What no attempt will handle. */
  private static final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private MemberMain() {}

  static boolean isPoison(UserEvent event) {
    return Events.number(event) % 100 == 7;
  }

  public static void main(String[] args) {
    Child.endWithParent();
    History history = new History(Path.of(args[4]));
    HermesSubscriber.builder(Events.topic(args[1]))
        .settings(settings(args[0], args[3]))
        .group(args[2])
        .concurrency(4)
        .onError(
            ErrorPolicy.retryForever()
                .backoff(Duration.ofMillis(50), Duration.ofSeconds(1))
                .on(PoisonException.class, Decision.DEAD_LETTER))
        .listener(commitsIn(history))
        .start(delivery -> handle(delivery, history))
        .runUntilShutdown();
  }

  private static KafkaSettings settings(String bootstrapServers, String protocol) {
    KafkaSettings.Builder settings =
        KafkaSettings.builder()
            .bootstrapServers(bootstrapServers)
            .openTimeout(Duration.ofMinutes(1))
            .property("group.protocol", protocol)
            .property("auto.commit.interval.ms", 500);
    if (protocol.equals("classic")) { // with the new one the brokers say how long
      settings.property("session.timeout.ms", 6000).property("heartbeat.interval.ms", 1000);
    }
    return settings.build();
  }

  private static SubscriberListener commitsIn(History history) {
    return new SubscriberListener() {
      @Override
      public void committed(Map<TopicPartition, Long> offsets) {
        offsets.forEach((id, offset) -> history.add("C", id.partition(), offset));
      }
    };
  }

  private static void handle(Delivery<UserEvent> delivery, History history)
      throws InterruptedException {
    int partition = delivery.record().partition();
    long offset = delivery.record().offset();
    if (isPoison(delivery.event())) {
      throw new PoisonException();
    }
    history.add("B", partition, offset);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Thread.sleep(random.nextInt(random.nextInt(200) == 0 ? 6_000 : 20)); // some outlast a rebalance
    if (random.nextInt(50) == 0) {
      throw new IllegalStateException("now and then");
    }
    history.add("E", partition, offset);
  }
}
