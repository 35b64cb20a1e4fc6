package io.hermes.cli.records;

import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * An endless sequence of events: user-123 registers, then users log in, one after another. Not
 * thread-safe.
 */
public final class SampleEvents {

  /** The default number of users that log in. */
  public static final int USERS = 100;

  private static final Instant FIXED_START = Instant.parse("2026-01-01T00:00:00Z");

  private final SplittableRandom random;
  private final boolean fixed;
  private final int users;
  private final int padToBytes;
  private long made;

  private SampleEvents(SplittableRandom random, boolean fixed, int users, int padToBytes) {
    this.random = random;
    this.fixed = fixed;
    this.users = users;
    this.padToBytes = padToBytes;
  }

  /** Events that happen now, with unique ids. */
  public static SampleEvents random() {
    return random(USERS, 0);
  }

  /**
   * Like {@link #random()}.
   *
   * @param users the number of users that log in
   * @param padToBytes smaller events are padded to about this size; 0 for no padding
   * @return the sequence
   */
  public static SampleEvents random(int users, int padToBytes) {
    return new SampleEvents(
        new SplittableRandom(new SecureRandom().nextLong()), false, users, padToBytes);
  }

  /**
   * The same events for the same arguments, byte for byte, including ids and times. One event
   * happens each second, starting at the beginning of 2026.
   *
   * @param seed distinguishes sequences
   * @param users the number of users that log in
   * @param padToBytes smaller events are padded to about this size; 0 for no padding
   * @return the sequence
   */
  public static SampleEvents reproducible(long seed, int users, int padToBytes) {
    return new SampleEvents(new SplittableRandom(seed), true, users, padToBytes);
  }

  /** The next event: the registration the first time, then logins of user-0, user-1 and so on. */
  public UserEvent next() {
    UserEvent.Builder event =
        UserEvent.newBuilder()
            .setEventId(randomId().toString())
            .setTimestamp(
                fixed ? FIXED_START.plusSeconds(made).toEpochMilli() : System.currentTimeMillis());
    if (made == 0) {
      event.setUserId("user-123").setEventType(EventType.USER_REGISTERED);
      event.getDataBuilder().setEmail("user-123@example.com").setUsername("user123");
    } else {
      event.setUserId("user-" + (made - 1) % users).setEventType(EventType.USER_LOGIN);
    }
    event
        .getDataBuilder()
        .putMetadata("source", random.nextInt(3) == 0 ? "mobile" : "web")
        .putMetadata("ip", "203.0.113." + (1 + random.nextInt(254)));
    pad(event);
    made++;
    return event.build();
  }

  private UUID randomId() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L; // version 4
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  private void pad(UserEvent.Builder event) {
    int missing = padToBytes - event.buildPartial().getSerializedSize();
    if (missing > 0) {
      // The entry itself takes about 20 bytes; hexadecimal digits compress by half, like real text.
      StringBuilder text = new StringBuilder(missing);
      while (text.length() < missing - 20) {
        text.append(Character.forDigit(random.nextInt(16), 16));
      }
      event.getDataBuilder().putMetadata("padding", text.toString());
    }
  }
}
