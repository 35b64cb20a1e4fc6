package io.hermes.faults;

import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import io.hermes.testing.History;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
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

  private MemberMain() {}

  static boolean isPoison(UserEvent event) {
    return Events.number(event) % 100 == 7;
  }

  public static void main(String[] args) {
    Child.endWithParent();
    History history = new History(Path.of(args[4]));
    HermesSubscriber.builder(Events.topic(args[1]))
        .settings(
            Members.settings(args[0], args[3]).property("auto.commit.interval.ms", 500).build())
        .group(args[2])
        .concurrency(4)
        .onError(Members.policy())
        .listener(noteIn(history))
        .start(delivery -> handle(delivery, history))
        .runUntilShutdown();
  }

  private static SubscriberListener noteIn(History history) {
    return new SubscriberListener() {
      @Override
      public void committed(Map<TopicPartition, Long> offsets) {
        offsets.forEach((id, offset) -> history.add("C", id.partition(), offset));
      }

      @Override
      public void lost(Set<TopicPartition> partitions) {
        partitions.forEach(id -> history.add("L", id.partition(), 0));
      }
    };
  }

  private static void handle(Delivery<UserEvent> delivery, History history)
      throws InterruptedException {
    int partition = delivery.record().partition();
    long offset = delivery.record().offset();
    if (isPoison(delivery.event())) {
      throw new Members.PoisonException();
    }
    history.add("B", partition, offset);
    Members.work(6_000); // some outlast a rebalance
    history.add("E", partition, offset);
  }
}
