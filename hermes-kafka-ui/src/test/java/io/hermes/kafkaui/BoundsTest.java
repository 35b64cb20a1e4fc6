package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.sun.management.ThreadMXBean;
import io.hermes.events.v1.PaymentEvent;
import io.kafbat.ui.serde.api.DeserializeResult;
import io.kafbat.ui.serde.api.RecordHeaders;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that are made to cost more than they show. */
class BoundsTest {

  private static final int LIMIT = 1 << 20;
  private static final RecordHeaders ZSTD = Records.headers("content-encoding", "zstd");
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final HermesSerde serde = Records.serde(Map.of("maxDecodedBytes", LIMIT));

  @AfterEach
  void close() {
    serde.close();
  }

  @Test
  void aFrameThatDeclaresTooMuchAllocatesNothing() {
    assertUndecodable(
        Zstd.compress(new byte[64 << 20]),
        "takes 67108864 bytes, and the limit is " + LIMIT + ". Raise maxDecodedBytes",
        200_000);
  }

  @Test
  void aFrameThatDeclaresPetabytesIsRefused() {
    byte[] frame = {
      0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, (byte) 0xE0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0
    };

    assertUndecodable(frame, "bytes but can contain at most", 200_000);
  }

  @Test
  void aFrameThatDoesNotSayItsSizeIsReadUpToTheLimit() throws Exception {
    assertUndecodable(
        stream(new byte[64 << 20]), "takes more than " + LIMIT + " bytes", 8L * LIMIT);
  }

  @Test
  void aFrameThatDoesNotSayItsSizeIsShownIfItFits() throws Exception {
    byte[] plain = Records.payment(10_000).toByteArray();

    assertThat(decode(stream(plain)).getAdditionalProperties())
        .containsEntry("decodedBytes", plain.length);
  }

  @Test
  void aLargeWindowIsRefused() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out)) {
      zstd.setLong(27);
      zstd.write(new byte[1000]);
      zstd.flush();
      zstd.write(new byte[1000]);
    }

    assertUndecodable(out.toByteArray(), "needs a window of 134217728 bytes", 8L * LIMIT);
  }

  @Test
  void emptyElementsThatBecomeObjectsAreCountedFirst() throws Exception {
    // 500,000 empty attempts in a megabyte.
    byte[] plain = new byte[LIMIT];
    for (int i = 0; i < plain.length; i += 2) {
      plain[i] = PaymentEvent.ATTEMPTS_FIELD_NUMBER << 3 | 2;
    }

    assertUndecodable(Zstd.compress(plain), "more than 250000 fields", 4L * LIMIT);
  }

  @Test
  void nestingWithoutEndIsRefused() throws Exception {
    // A struct in a struct, 2,000 times: each level is entry, value and struct.
    byte[] nested = new byte[0];
    for (int level = 0; level < 2_000; level++) {
      nested = wrap(wrap(wrap(nested, 5), 2), 1);
    }
    byte[] large = wrap(new byte[250_000], PaymentEvent.SIGNATURE_FIELD_NUMBER);
    byte[] small = wrap(nested, PaymentEvent.PROVIDER_DATA_FIELD_NUMBER);
    byte[] both = Arrays.copyOf(small, small.length + large.length);
    System.arraycopy(large, 0, both, small.length, large.length);

    assertUndecodable(Zstd.compress(small), "too many levels of nesting", 8L * LIMIT);
    assertUndecodable(Zstd.compress(both), "nested more than 100 levels deep", 8L * LIMIT);
  }

  @Test
  void jsonThatGrowsIsCutOff() {
    // Each of these characters becomes six.
    PaymentEvent event = PaymentEvent.newBuilder().setOrderId("\u0001".repeat(900_000)).build();

    assertUndecodable(Zstd.compress(event.toByteArray()), "characters as JSON", 32L * LIMIT);
  }

  @Test
  void anEventThatIsTooLargeToShowSaysWhyAndHowLargeItIs() {
    HermesSerde shipped = Records.serde(Map.of());
    byte[] plain =
        PaymentEvent.newBuilder()
            .setSignature(ByteString.copyFrom(new byte[2 << 20]))
            .build()
            .toByteArray();
    byte[] frame = Zstd.compress(plain);

    assertThat(Records.value(shipped, "payments.events", ZSTD, frame).getResult())
        .contains(
            "more than 1048576 characters as JSON",
            "maxJsonChars is 1048576.",
            "It has " + plain.length + " bytes, " + frame.length + " in Kafka.");
    assertThat(Records.value(shipped, "payments.events", Records.headers(), plain).getResult())
        .contains("It has " + plain.length + " bytes.");
    shipped.close();
  }

  @Test
  void aLargeEventIsShownIfItsJsonIsSmall() {
    HermesSerde shipped = Records.serde(Map.of());
    byte[] frame = Zstd.compress(Records.payment(10 << 20).toByteArray());

    assertThat(Records.value(shipped, "payments.events", ZSTD, frame).getResult())
        .contains("\"paymentId\":\"payment-1\"", "\"receipt\":\"[REDACTED]\"");
    shipped.close();
  }

  @Test
  void aPlainValueIsBoundedToo() {
    byte[] plain = Records.payment(LIMIT).toByteArray();

    assertThat(Records.value(serde, "payments.events", Records.headers(), plain).getResult())
        .contains("The value has " + plain.length + " bytes, but maxDecodedBytes is " + LIMIT);
  }

  @Test
  void theHexOfLargeValuesIsCutOff() {
    byte[] value = new byte[500_000];
    Arrays.fill(value, (byte) 0xff);

    HermesSerde revealing = Records.serde(Map.of("revealRedacted", true));
    DeserializeResult result =
        Records.value(revealing, "payments.events", Records.headers(), value);
    revealing.close();

    assertThat(result.getResult())
        .hasSizeLessThan(4000)
        .contains("(the first 1024 of 500000 bytes)");
  }

  @Test
  void cutOffAndChainedFramesAreRefused() {
    byte[] frame = Zstd.compress(Records.payment(10).toByteArray());
    byte[] twice = Arrays.copyOf(frame, frame.length * 2);
    System.arraycopy(frame, 0, twice, frame.length, frame.length);

    assertUndecodable(
        Arrays.copyOf(frame, frame.length - 1), "is corrupt: it is truncated after", LIMIT);
    assertUndecodable(Arrays.copyOf(frame, 4), "is corrupt: it is truncated after", LIMIT);
    assertUndecodable(twice, frame.length + " bytes follow its end", LIMIT);
  }

  @Test
  void noFlippedBitOfACheckedFrameShowsAnotherEvent() {
    byte[] plain = Records.payment(10).toByteArray();
    ZstdCompressCtx context = new ZstdCompressCtx();
    byte[] frame = context.setChecksum(true).compress(plain);
    context.close();
    String right = decode(frame).getResult();
    int refused = 0;

    for (int bit = 0; bit < frame.length * 8; bit++) {
      byte[] flipped = frame.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      String shown = decode(flipped).getResult();
      assertThat(shown)
          .satisfiesAnyOf(
              json -> assertThat(json).isEqualTo(right),
              json -> assertThat(json).startsWith("{\"undecodable\":"));
      refused += shown.equals(right) ? 0 : 1;
    }

    assertThat(refused).isGreaterThan(frame.length * 8 - 8);
  }

  private DeserializeResult decode(byte[] value) {
    return Records.value(serde, "payments.events", ZSTD, value);
  }

  private void assertUndecodable(byte[] value, String reason, long maxAllocated) {
    decode(value);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    DeserializeResult result = decode(value);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertThat(result.getResult()).startsWith("{\"undecodable\":\"").contains(reason);
    assertThat(allocated).isLessThan(maxAllocated);
  }

  private static byte[] stream(byte[] plain) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out)) {
      zstd.write(plain);
      zstd.flush();
      zstd.write(new byte[0]);
    }
    return out.toByteArray();
  }

  private static byte[] wrap(byte[] inner, int field) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(field, ByteString.copyFrom(inner));
    out.flush();
    return bytes.toByteArray();
  }
}
