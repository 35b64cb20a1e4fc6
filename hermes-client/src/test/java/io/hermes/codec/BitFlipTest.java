package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Frames with one bit wrong, as bad memory or disks make them. */
class BitFlipTest {

  @Test
  void noFlippedBitMakesOtherBytes() {
    flip(5_000);
  }

  @Test
  @Tag("full")
  void noneOf100_000FlippedBitsMakesOtherBytes() {
    flip(100_000);
  }

  private static void flip(int flips) {
    Random random = new Random(20_261_101);
    List<UserEvent> events = List.of(Events.large(1, 600), Events.large(2, 5_000), Events.small(3));
    ZstdDictionary dictionary =
        ZstdDictionary.train(DictionaryTest.samples(0, 500), 8 << 10, 40_000);
    ZstdOptions options = ZstdOptions.builder().dictionaries(List.of(dictionary)).build();
    int refused = 0;
    int unchanged = 0;
    int staleHeaders = 0;
    try (var plainFrames = new ZstdProtobufSerializer<>(Encoding.ZSTD, ZstdOptions.defaults());
        var dictionaryFrames = new ZstdProtobufSerializer<>(Encoding.ZSTD, options);
        var reader = new ZstdProtobufDeserializer<>(UserEvent.parser(), options)) {
      for (int i = 0; i < flips; i++) {
        UserEvent event = events.get(random.nextInt(events.size()));
        Headers headers = Frames.none();
        byte[] frame =
            Frames.write(
                event.getSerializedSize() < 500 || random.nextBoolean()
                    ? dictionaryFrames
                    : plainFrames,
                headers,
                event);
        assertThat(Encoding.isZstdFrame(ByteBuffer.wrap(frame))).isTrue();
        int bit = random.nextInt(8 * frame.length);
        byte[] flipped = frame.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        if (bit < 32) {
          staleHeaders++; // without its magic it is a plain value, whatever that then means
          assertThat(Encoding.of(headers, ByteBuffer.wrap(flipped))).isEqualTo(Encoding.PLAIN);
        }
        try {
          UserEvent read = reader.deserialize("t", headers, flipped);
          if (bit >= 32) {
            unchanged++;
            assertThat(Objects.requireNonNull(read).toByteArray())
                .as("bit %s", bit)
                .isEqualTo(event.toByteArray());
          }
        } catch (UndecodableEventException e) {
          if (bit >= 32) {
            refused++;
          }
        }
      }
    }
    assertThat(refused + unchanged + staleHeaders).isEqualTo(flips);
    assertThat(unchanged).as("flips of the one bit that means nothing").isLessThan(flips / 100);
  }
}
