package io.hermes.testing;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;

/** Sample events, and topics of their own for them. */
public final class Events {

  private Events() {}

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

  /** A contract as UserEvent's own, for a topic that no other test uses and that is there. */
  public static Topic<UserEvent> newTopic(Kafka kafka, int partitions) {
    return topic(kafka.uniqueTopic("user.events", partitions));
  }

  /** A contract as UserEvent's own, for another topic. */
  public static Topic<UserEvent> topic(String name) {
    return Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
  }
}
