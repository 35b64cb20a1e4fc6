package io.hermes.testing;

import io.hermes.PublishException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.testkit.Kafka;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Sample events, and topics of their own for them. */
public final class Events {

  /** As browsers name themselves. */
  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        + " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
        + " Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
  };

  private Events() {}

  /** An event as a service has it, of about 280 bytes; the same for the same seed. */
  public static UserEvent typical(long seed) {
    Random random = new Random(seed);
    String user = "user-" + random.nextInt(100_000);
    return UserEvent.newBuilder()
        .setEventId(new UUID(random.nextLong(), random.nextLong()).toString())
        .setTimestamp(1_760_000_000_000L + random.nextInt(1_000_000_000))
        .setUserId(user)
        .setEventTypeValue(1 + random.nextInt(3))
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail(user + "@example.com")
                .setUsername(user)
                .putMetadata("ip", "10.0." + random.nextInt(256) + "." + random.nextInt(256))
                .putMetadata("agent", AGENTS[random.nextInt(AGENTS.length)])
                .putMetadata("region", "eu-west-" + random.nextInt(4))
                .putMetadata("session", Long.toHexString(random.nextLong())))
        .build();
  }

  /** A login; the event's id tells it from others. */
  public static UserEvent login(String userId, int number) {
    return UserEvent.newBuilder()
        .setEventId(userId + "/" + number)
        .setTimestamp(1_700_000_000_000L + number)
        .setUserId(userId)
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .setData(UserEvent.Data.newBuilder().putMetadata("source", "test"))
        .build();
  }

  /** The number that a login was made with. */
  public static int number(UserEvent login) {
    return Integer.parseInt(login.getEventId().substring(login.getEventId().indexOf('/') + 1));
  }

  /** Publishes logins of one user one by one; returns their futures. */
  public static List<CompletableFuture<Receipt>> publishLogins(
      HermesPublisher<UserEvent> publisher, String userId, int count) {
    return IntStream.range(0, count).mapToObj(i -> publisher.publish(login(userId, i))).toList();
  }

  /**
   * Publishes until it is acknowledged: a machine that has much else to do may take longer than the
   * short delivery timeout of a test.
   */
  public static void publishAtLast(HermesPublisher<UserEvent> publisher, UserEvent event) {
    Duration timeout = Duration.ofSeconds(30);
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        publisher.publishAndWait(event, timeout);
        return;
      } catch (PublishException e) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw e;
        }
      }
    }
  }

  /** A contract as UserEvent's own, for a topic that no other test uses and that is there. */
  public static Topic<UserEvent> newTopic(Kafka kafka, int partitions) {
    return topic(kafka.uniqueTopic("user.events", partitions));
  }

  /** A contract as UserEvent's own, for another topic. */
  public static Topic<UserEvent> topic(String name) {
    return Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
  }
}
