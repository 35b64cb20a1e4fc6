package io.hermes.subscribe;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a committed offset: the topic's id, and which records beyond the offset are
 * finished. Stateless.
 *
 * <p>The format is {@code hermes1:} and, in base 64: a checksum, the committed offset, the topic's
 * id, and the finished offsets relative to the committed one, as runs or as bits, whichever is
 * shorter. The checksum also covers the cluster's id. Kafka accepts 4,096 bytes. Metadata of
 * another cluster or offset is ignored: a mirror has copied it, or the offset was reset.
 */
final class CommitMetadata {

  /** Kafka's default limit for commit metadata, in bytes. */
  static final int LIMIT = 4096;

  /** Up to this distance from the committed offset, any set of finished offsets fits. */
  static final int SAFE_SPAN;

  private static final String FORMAT = "hermes1:";
  private static final int HEAD = 4 + 8 + 16 + 1; // checksum, offset, topic id, kind
  private static final int ROOM = (LIMIT - FORMAT.length()) / 4 * 3 - HEAD;
  private static final int MOST_DECODED = 64 * 1024;
  private static final byte RUNS = 0;
  private static final byte BITS = 1;

  static {
    SAFE_SPAN = ROOM * 8;
  }

  private CommitMetadata() {}

  /**
   * Encodes finished offsets.
   *
   * @return the metadata; if not all offsets fit, those nearest to the committed offset
   */
  static String encode(TopicId topic, long base, OffsetRuns finished) {
    byte[] runs = runs(base, finished);
    byte[] bits = bits(base, finished);
    boolean bitsReach =
        finished.isEmpty() || finished.last(finished.count() - 1) - base < SAFE_SPAN;
    boolean useRuns = runs.length <= ROOM && (!bitsReach || runs.length <= bits.length);
    byte[] body = useRuns ? runs : bits;
    ByteBuffer out = ByteBuffer.allocate(HEAD + body.length);
    out.putInt(0).putLong(base);
    out.putLong(topic.id().getMostSignificantBits()).putLong(topic.id().getLeastSignificantBits());
    out.put(useRuns ? RUNS : BITS).put(body);
    out.putInt(0, checksum(topic, out.array()));
    return FORMAT + Base64.getEncoder().withoutPadding().encodeToString(out.array());
  }

  /** Whether all finished offsets fit. */
  static boolean fits(long base, OffsetRuns finished) {
    return finished.isEmpty()
        || finished.last(finished.count() - 1) - base < SAFE_SPAN
        || runs(base, finished).length <= ROOM;
  }

  /**
   * Decodes finished offsets.
   *
   * @param text the committed metadata, of any origin
   * @return none if the text is damaged, or not for this topic and offset
   */
  static OffsetRuns decode(@Nullable String text, TopicId topic, long base) {
    ByteBuffer in = open(text, topic, base);
    if (in == null || !readId(in).equals(topic.id())) {
      return OffsetRuns.NONE;
    }
    try {
      return in.get() == RUNS ? readRuns(in, base) : readBits(in, base);
    } catch (IllegalArgumentException | BufferUnderflowException | ArithmeticException damaged) {
      return OffsetRuns.NONE;
    }
  }

  /** Whether the text was written for another topic of the same name in the same cluster. */
  static boolean isOfAnother(@Nullable String text, TopicId topic, long base) {
    ByteBuffer in = open(text, topic, base);
    return in != null && !readId(in).equals(topic.id());
  }

  /** The bytes from the topic's id on; null if damaged, or not for this cluster and offset. */
  private static @Nullable ByteBuffer open(@Nullable String text, TopicId topic, long base) {
    if (text == null || !text.startsWith(FORMAT) || text.length() > MOST_DECODED) {
      return null;
    }
    byte[] all;
    try {
      all = Base64.getDecoder().decode(text.substring(FORMAT.length()));
    } catch (IllegalArgumentException damaged) {
      return null;
    }
    if (all.length < HEAD) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(all);
    return in.getInt() == checksum(topic, all) && in.getLong() == base ? in : null;
  }

  private static Uuid readId(ByteBuffer in) {
    return new Uuid(in.getLong(), in.getLong());
  }

  private static int checksum(TopicId topic, byte[] all) {
    CRC32C crc = new CRC32C();
    crc.update(topic.cluster().getBytes(StandardCharsets.UTF_8));
    crc.update(all, 4, all.length - 4);
    return (int) crc.getValue();
  }

  /** For each run, the distance from the end of the previous one, and its length minus one. */
  private static byte[] runs(long base, OffsetRuns finished) {
    // Longer runs do not fit and are never chosen, so the rest is left out.
    ByteBuffer out = ByteBuffer.allocate(ROOM + 20);
    long from = base;
    for (int run = 0; run < finished.count() && out.position() <= ROOM; run++) {
      putVarint(out, finished.first(run) - from);
      putVarint(out, finished.last(run) - finished.first(run));
      from = finished.last(run) + 1;
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static OffsetRuns readRuns(ByteBuffer in, long base) {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    long from = base;
    while (in.hasRemaining()) {
      long first = Math.addExact(from, getVarint(in));
      long last = Math.addExact(first, getVarint(in));
      runs.addRun(first, last, false);
      from = Math.addExact(last, 1);
    }
    return runs.build();
  }

  private static byte[] bits(long base, OffsetRuns finished) {
    BitSet bits = new BitSet();
    for (int run = 0; run < finished.count() && finished.first(run) - base < SAFE_SPAN; run++) {
      long last = Math.min(finished.last(run), base + SAFE_SPAN - 1);
      bits.set((int) (finished.first(run) - base), (int) (last - base) + 1);
    }
    return bits.toByteArray();
  }

  private static OffsetRuns readBits(ByteBuffer in, long base) {
    BitSet bits = BitSet.valueOf(in);
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    for (int first = bits.nextSetBit(0); first >= 0; ) {
      int end = bits.nextClearBit(first);
      runs.addRun(Math.addExact(base, first), Math.addExact(base, end - 1), false);
      first = bits.nextSetBit(end);
    }
    return runs.build();
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static long getVarint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("A number of more than nine bytes.");
  }
}
