package io.hermes.benchmarks;

import io.hermes.events.v1.UserEvent;
import java.util.Random;
import java.util.UUID;

/** Events and texts for measurements: the same for the same seed. */
final class Corpus {

  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari/605.1.15"
  };

  private Corpus() {}

  /** An event of about 220 bytes, or more. */
  static UserEvent event(long seed, int bytes) {
    Random random = new Random(seed);
    String user = "user-" + random.nextInt(100_000);
    UserEvent.Data.Builder data =
        UserEvent.Data.newBuilder()
            .setEmail(user + "@example.com")
            .setUsername(user)
            .putMetadata("ip", "10." + random.nextInt(256) + "." + random.nextInt(256) + ".7")
            .putMetadata("agent", AGENTS[random.nextInt(AGENTS.length)])
            .putMetadata("region", "eu-west-" + random.nextInt(4))
            .putMetadata("session", Long.toHexString(random.nextLong()));
    if (bytes > 300) {
      data.putMetadata("items", text(random, bytes - 300));
    }
    return UserEvent.newBuilder()
        .setEventId(new UUID(random.nextLong(), random.nextLong()).toString())
        .setTimestamp(1_760_000_000_000L + random.nextInt(1_000_000_000))
        .setUserId(user)
        .setEventTypeValue(1 + random.nextInt(3))
        .setData(data)
        .build();
  }

  /** Text that ZSTD compresses to about a sixth. */
  static String text(Random random, int length) {
    StringBuilder text = new StringBuilder(length + 64);
    while (text.length() < length) {
      text.append("{\"item\":")
          .append(random.nextInt(1_000_000))
          .append(",\"state\":\"")
          .append(random.nextBoolean() ? "delivered" : "in transit")
          .append("\",\"amount\":")
          .append(random.nextInt(10_000))
          .append("},");
    }
    text.setLength(length);
    return text.toString();
  }

  /** Random hexadecimal digits, which ZSTD compresses to half. */
  static String tokens(Random random, int length) {
    StringBuilder text = new StringBuilder(length + 16);
    while (text.length() < length) {
      text.append(Long.toHexString(random.nextLong()));
    }
    text.setLength(length);
    return text.toString();
  }
}
