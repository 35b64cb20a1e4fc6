package io.hermes.events.v1;

import java.util.LinkedHashMap;
import java.util.Map;

/** The golden events, built field by field: the names are those of the files in {@code golden/}. */
final class Samples {

  private Samples() {}

  static Map<String, UserEvent> all() {
    Map<String, UserEvent> samples = new LinkedHashMap<>();
    samples.put("default", UserEvent.getDefaultInstance());
    samples.put("registered", registered());
    samples.put("login", login());
    samples.put("extremes", extremes());
    samples.put("newer_type", newerType());
    return samples;
  }

  static UserEvent registered() {
    return UserEvent.newBuilder()
        .setEventId("018f6f6e-0001-7000-8000-000000000001")
        .setTimestamp(1_764_000_000_000L)
        .setUserId("user-123")
        .setEventType(UserEvent.EventType.USER_REGISTERED)
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail("user-123@example.com")
                .setUsername("user123")
                .putMetadata("ip", "192.0.2.1")
                .putMetadata("source", "web"))
        .build();
  }

  private static UserEvent login() {
    return UserEvent.newBuilder()
        .setEventId("018f6f6e-0001-7000-8000-000000000002")
        .setTimestamp(1_764_000_000_001L)
        .setUserId("user-0")
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  private static UserEvent extremes() {
    return UserEvent.newBuilder()
        .setEventId("ä漢🚀")
        .setTimestamp(-1)
        .setUserId("0")
        .setEventType(UserEvent.EventType.USER_LOGOUT)
        .setData(
            UserEvent.Data.newBuilder()
                .setEmail("")
                .setUsername("")
                .putMetadata("", "")
                .putMetadata("k", ""))
        .build();
  }

  private static UserEvent newerType() {
    return UserEvent.newBuilder()
        .setEventId("1")
        .setTimestamp(Long.MAX_VALUE)
        .setUserId("user-1")
        .setEventTypeValue(4711)
        .setData(UserEvent.Data.getDefaultInstance())
        .build();
  }
}
