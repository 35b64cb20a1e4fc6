package io.hermes.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Creates frames with content size, dictionary id and checksum. */
final class Compressor implements NativeContext {

  private static final byte[] NOTHING = new byte[0];

  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private byte[] frame = NOTHING;
  private @Nullable Chunks chunks;

  Compressor(int level, @Nullable ZstdDictionary dictionary) {
    try {
      context.setLevel(level).setChecksum(true).setContentSize(true).setDictID(true);
      if (dictionary != null) {
        context.loadDict(dictionary.content());
      }
    } catch (Throwable e) {
      context.close();
      throw e;
    }
  }

  /**
   * Compresses a value.
   *
   * @param maxBytes the maximum size of the frame
   * @return the frame; null if it would be larger
   */
  byte @Nullable [] compress(byte[] value, int maxBytes) {
    return value.length <= Chunks.WHOLE_BYTES ? whole(value, maxBytes) : piecewise(value, maxBytes);
  }

  private byte @Nullable [] whole(byte[] value, int maxBytes) {
    int bound = bound(value.length);
    if (frame.length < bound) {
      frame = new byte[Math.max(bound, Math.min(2 * frame.length, bound(Chunks.WHOLE_BYTES)))];
    }
    int length = context.compressByteArray(frame, 0, bound, value, 0, value.length);
    return length <= maxBytes ? Arrays.copyOf(frame, length) : null;
  }

  private byte @Nullable [] piecewise(byte[] value, int maxBytes) {
    Chunks chunks = chunks();
    ByteBuffer source = ByteBuffer.wrap(value);
    byte[] made = new byte[Math.min(maxBytes, value.length / 4)];
    int used = 0;
    context.setPledgedSrcSize(value.length);
    boolean ended;
    do {
      chunks.fill(source);
      EndDirective directive = source.hasRemaining() ? EndDirective.CONTINUE : EndDirective.END;
      do {
        chunks.out.clear();
        ended = context.compressDirectByteBufferStream(chunks.out, chunks.in, directive);
        if (used + chunks.out.position() > maxBytes) {
          whole(NOTHING, 0); // resets the context for its next use
          return null;
        }
        int length = chunks.out.position();
        made = chunks.drain(made, used, maxBytes);
        used += length;
      } while (directive == EndDirective.END ? !ended : chunks.in.hasRemaining());
    } while (source.hasRemaining());
    return used == made.length ? made : Arrays.copyOf(made, used);
  }

  /** The maximum size of a frame: ZSTD_compressBound. */
  private static int bound(int bytes) {
    return bytes + (bytes >> 8) + (((128 << 10) - bytes) >> 11);
  }

  private Chunks chunks() {
    Chunks chunks = this.chunks;
    if (chunks == null) {
      chunks = new Chunks();
      this.chunks = chunks;
    }
    return chunks;
  }

  @Override
  public void close() {
    context.close();
  }
}
