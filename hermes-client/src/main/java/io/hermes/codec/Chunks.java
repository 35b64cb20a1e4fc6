package io.hermes.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Two direct buffers for processing large values in chunks. A native call on a whole array would
 * block the garbage collector for its entire duration.
 */
final class Chunks {

  /** Values up to this size are processed in one call on arrays. */
  static final int WHOLE_BYTES = 64 << 10;

  private static final int CHUNK_BYTES = 128 << 10;

  final ByteBuffer in = ByteBuffer.allocateDirect(CHUNK_BYTES);
  final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK_BYTES);

  /** Fills {@link #in} with the next bytes of the source. */
  void fill(ByteBuffer source) {
    in.clear();
    int length = Math.min(in.capacity(), source.remaining());
    in.put(source.slice(source.position(), length)).flip();
    source.position(source.position() + length);
  }

  /** Appends the content of {@link #out} to a partly used array, which grows if needed. */
  byte[] drain(byte[] array, int used, int limit) {
    out.flip();
    int needed = used + out.remaining();
    byte[] target =
        needed <= array.length
            ? array
            : Arrays.copyOf(array, (int) Math.min(limit, Math.max(needed, 2L * array.length)));
    out.get(target, used, out.remaining());
    out.clear();
    return target;
  }
}
