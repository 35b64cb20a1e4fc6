package io.hermes.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.hermes.events.v1.UserEvent;
import java.util.Arrays;
import java.util.Random;

/** Events for tests: the same for the same seed. */
final class Events {

  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari/605.1.15"
  };

  private Events() {}

  /** An event of about 220 bytes: with shorter texts, events have less in common. */
  static UserEvent small(long seed) {
    UserEvent.Builder event = io.hermes.testing.Events.typical(seed).toBuilder();
    event.getDataBuilder().putMetadata("agent", AGENTS[(int) (seed & 1)]);
    return event.build();
  }

  /** An event whose value takes at least so many bytes, compressible about as text is. */
  static UserEvent large(long seed, int bytes) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(bytes + 64);
    while (text.length() < bytes) {
      text.append("{\"item\":")
          .append(random.nextInt(1_000_000))
          .append(",\"state\":\"")
          .append(random.nextBoolean() ? "delivered" : "in transit")
          .append("\",\"amount\":")
          .append(random.nextInt(10_000))
          .append("},");
    }
    UserEvent.Builder event = small(seed).toBuilder();
    event.getDataBuilder().putMetadata("items", text.toString());
    return event.build();
  }

  /** A message of which some percent can be made smaller, and the rest not at all. */
  static BytesValue partlyRandom(long seed, int bytes, int percent) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    Arrays.fill(content, 0, bytes / 100 * percent, (byte) 'a');
    return BytesValue.of(ByteString.copyFrom(content));
  }

  /** A message that no compressor makes smaller. */
  static BytesValue random(long seed, int bytes) {
    return partlyRandom(seed, bytes, 0);
  }
}
