package io.hermes.benchmarks;

import io.hermes.events.v1.UserEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/**
 * Events like those of a service, the same for every contestant. There are so many different ones
 * that none repeats within ZSTD's window in a batch.
 */
enum Workload {
  /** 60 to 600 bytes, most about 280. */
  SMALL(65_536),
  /** 4 to 28 KiB of text, about 16 KiB. */
  LARGE(2_048);

  private static final List<String> AGENTS =
      List.of("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (iPhone)", "okhttp/4.12", "curl/8.5");
  private static final List<String> WORDS =
      List.of("order", "basket", "checkout", "login", "profile", "search", "retry", "payment");

  private final int distinct;

  Workload(int distinct) {
    this.distinct = distinct;
  }

  static Workload of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Events to publish in order. */
  List<UserEvent> events() {
    Random random = new Random(42);
    List<UserEvent> events = new ArrayList<>();
    for (int i = 0; i < distinct; i++) {
      events.add(event(random));
    }
    return events;
  }

  /** The given number of events, starting over when the list is exhausted. */
  static Iterator<UserEvent> repeated(List<UserEvent> events, int count) {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count;
      }

      @Override
      public UserEvent next() {
        return events.get(next++ % events.size());
      }
    };
  }

  private UserEvent event(Random random) {
    UserEvent.Data.Builder data =
        UserEvent.Data.newBuilder()
            .setUsername("user" + random.nextInt(100_000))
            .putMetadata("source", random.nextBoolean() ? "web" : "mobile")
            .putMetadata("ip", "10." + random.nextInt(256) + "." + random.nextInt(256) + ".7");
    if (random.nextInt(4) > 0) {
      data.setEmail("user" + random.nextInt(100_000) + "@mail.example.com")
          .putMetadata("agent", AGENTS.get(random.nextInt(AGENTS.size())))
          .putMetadata("session", new UUID(random.nextLong(), random.nextLong()).toString());
    }
    if (random.nextInt(10) == 0) {
      data.putMetadata("referrer", "https://shop.example.com/" + text(random, 200));
    }
    if (this == LARGE) {
      data.putMetadata("trace", text(random, 4_096 + random.nextInt(24_000)));
    }
    return UserEvent.newBuilder()
        .setEventId(new UUID(random.nextLong(), random.nextLong()).toString())
        .setTimestamp(1_790_000_000_000L + random.nextInt(1_000_000))
        .setUserId("user-" + random.nextInt(10_000))
        .setEventType(UserEvent.EventType.forNumber(1 + random.nextInt(3)))
        .setData(data)
        .build();
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(WORDS.get(random.nextInt(WORDS.size())))
          .append('-')
          .append(Integer.toHexString(random.nextInt(1 << 16)))
          .append('/');
    }
    return text.substring(0, length);
  }
}
