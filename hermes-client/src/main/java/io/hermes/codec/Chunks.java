package io.hermes.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The two direct buffers through which large values go piece by piece: a native call on a whole
 * array would hold up the garbage collector for as long as it takes.
 */
final class Chunks {

  /** Values up to here go through one call on arrays. */
  static final int WHOLE_BYTES = 64 << 10;

  private static final int CHUNK_BYTES = 128 << 10;

  final ByteBuffer in = ByteBuffer.allocateDirect(CHUNK_BYTES);
  final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK_BYTES);

  /** Makes {@link #in} hold the next bytes of the source. */
  void fill(ByteBuffer source) {
    in.clear();
    int length = Math.min(in.capacity(), source.remaining());
    in.put(source.slice(source.position(), length)).flip();
    source.position(source.position() + length);
  }

  /** Appends what {@link #out} holds to an array of which some bytes are in use. */
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
