package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameLimitsTest {

  private static final UserEvent EVENT = Events.large(1, 200_000);
  private static final byte[] PLAIN = EVENT.toByteArray();

  private final ZstdProtobufDeserializer<UserEvent> deserializer =
      new ZstdProtobufDeserializer<>(UserEvent.parser(), ZstdOptions.defaults());

  @AfterEach
  void close() {
    deserializer.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {(16 << 20) + 1, 1L << 40, 1L << 52, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void aFrameThatDeclaresMoreThanTheLimitIsRefusedBeforeAnythingIsAllocated(long declared) {
    byte[] frame = Frames.declaring(declared, Frames.lastRawBlock(0));
    assertThat(allocatedBy(() -> read(frame))).isLessThan(100_000);
    assertUndecodable(frame, declared < 0 ? "2^63" : Long.toString(declared));
  }

  @Test
  void aFrameThatDeclaresMoreThanItsBlocksCanHoldIsRefusedBeforeAnythingIsAllocated() {
    byte[] frame = Frames.declaring(16 << 20, Frames.lastRawBlock(10));
    assertThat(allocatedBy(() -> read(frame))).isLessThan(100_000);
    assertUndecodable(frame, "declares 16777216 bytes but can contain at most 10");
  }

  @Test
  void aBombIsRefusedAtTheLimitWhetherItSaysItsSizeOrNot() {
    byte[] zeros = new byte[64 << 20];
    byte[] sized = Frames.sized(zeros);
    byte[] unsized = Frames.unsized(zeros);
    assertThat(sized).hasSizeLessThan(10_000);
    assertThat(allocatedBy(() -> read(sized))).isLessThan(100_000);
    assertThat(allocatedBy(() -> read(unsized))).isLessThan(64 << 20);
    assertUndecodable(sized, "takes 67108864 bytes, and the limit is 16777216");
    assertUndecodable(unsized, "takes more than 16777216 bytes");
  }

  @Test
  void theLimitIsForTheContentAndIncludesIt() {
    byte[] sized = Frames.sized(PLAIN);
    byte[] unsized = Frames.unsized(PLAIN);
    try (var exact = limited(PLAIN.length);
        var smaller = limited(PLAIN.length - 1)) {
      for (byte[] frame : new byte[][] {sized, unsized}) {
        assertThat(exact.deserialize("t", Frames.zstd(), frame)).isEqualTo(EVENT);
        assertThatThrownBy(() -> smaller.deserialize("t", Frames.zstd(), frame))
            .isInstanceOf(UndecodableEventException.class)
            .hasMessageContaining("the limit is " + (PLAIN.length - 1));
      }
      assertThat(exact.deserialize("t", Frames.none(), PLAIN)).isEqualTo(EVENT);
      assertThatThrownBy(() -> smaller.deserialize("t", Frames.none(), PLAIN))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("takes " + PLAIN.length + " bytes");
    }
  }

  @Test
  void aLargeWindowIsReadOnlyWhereTheSizeIsKnown() {
    byte[] content = Events.large(3, 9 << 20).toByteArray();
    byte[] sized = Frames.sized(content, 27);
    assertThat(ZstdFrame.of(ByteBuffer.wrap(sized)).windowBytes()).isGreaterThan(8 << 20);
    assertThat(read(sized).toByteArray()).isEqualTo(content);
    assertUndecodable(Frames.unsized(PLAIN, 24), "window of 16777216 bytes");
    assertThat(read(Frames.unsized(PLAIN, 23))).isEqualTo(EVENT);
  }

  @Test
  void framesWithoutSizeOrChecksumAreRead() {
    assertThat(read(Frames.unsized(PLAIN))).isEqualTo(EVENT);
    assertThat(read(Frames.withoutChecksum(PLAIN))).isEqualTo(EVENT);
    assertThat(read(Frames.sized(new byte[0]))).isEqualTo(UserEvent.getDefaultInstance());
    assertThat(read(Frames.unsized(new byte[0]))).isEqualTo(UserEvent.getDefaultInstance());
  }

  @Test
  void whatFollowsAFrameIsRefused() {
    byte[] skippable = Frames.hex("50 2A 4D 18 04 00 00 00 01 02 03 04");
    for (byte[] frame : new byte[][] {Frames.sized(PLAIN), Frames.unsized(PLAIN)}) {
      assertUndecodable(Frames.concat(frame, new byte[1]), "1 bytes follow");
      assertUndecodable(Frames.concat(frame, frame), frame.length + " bytes follow");
      assertUndecodable(Frames.concat(frame, skippable), "12 bytes follow");
      assertUndecodable(Frames.concat(skippable, frame), "UserEvent");
    }
  }

  @Test
  void aFrameThatIsCutOffAnywhereIsRefused() {
    byte[] small = Frames.sized(Events.small(2).toByteArray());
    for (int length = 4; length < small.length; length++) {
      assertUndecodable(Arrays.copyOf(small, length), "corrupt");
    }
    for (byte[] frame : new byte[][] {Frames.sized(PLAIN), Frames.unsized(PLAIN)}) {
      assertUndecodable(Arrays.copyOf(frame, frame.length / 2), "corrupt");
      assertUndecodable(Arrays.copyOf(frame, frame.length - 1), "corrupt");
    }
  }

  @Test
  void aDamagedFrameIsRefusedWithTheReasonAndTheNextOneIsRead() {
    for (byte[] frame :
        new byte[][] {
          Frames.sized(Events.small(2).toByteArray()), Frames.sized(PLAIN), Frames.unsized(PLAIN)
        }) {
      byte[] damaged = frame.clone();
      damaged[damaged.length - 1] ^= 1;
      assertUndecodable(damaged, "checksum");
      assertThat(read(frame)).isNotNull();
    }
    assertUndecodable(Frames.hex("28 B5 2F FD 28 00 00 00 00"), "reserved bit");
    assertUndecodable(Frames.declaring(0, (byte) 7, (byte) 0, (byte) 0), "reserved type");
  }

  private UserEvent read(byte[] value) {
    return Objects.requireNonNull(deserializer.deserialize("t", Frames.zstd(), value));
  }

  private void assertUndecodable(byte[] value, String reason) {
    assertThatThrownBy(() -> read(value))
        .isInstanceOf(UndecodableEventException.class)
        .hasMessageContaining(reason);
  }

  private static ZstdProtobufDeserializer<UserEvent> limited(int maxEventBytes) {
    return new ZstdProtobufDeserializer<>(
        UserEvent.parser(), ZstdOptions.builder().maxEventBytes(maxEventBytes).build());
  }

  /** The heap that a refusal takes, when all classes are loaded. */
  private static long allocatedBy(ThrowingCallable refusal) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (int i = 0; i < 3; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(refusal).isInstanceOf(UndecodableEventException.class);
      bytes = threads.getCurrentThreadAllocatedBytes() - before;
    }
    return bytes;
  }
}
