package io.hermes.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.hermes.UndecodableEventException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Decompresses frames that {@link ZstdFrame} has found complete and within the limits. */
final class Decompressor implements NativeContext {

  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private byte[] content = new byte[0];
  private @Nullable Chunks chunks;

  Decompressor(@Nullable ZstdDictionary dictionary) {
    if (dictionary != null) {
      try {
        context.loadDict(dictionary.content());
      } catch (Throwable e) {
        context.close();
        throw e;
      }
    }
  }

  /**
   * Decompresses a frame. After an exception, this context must not be used again.
   *
   * @param value the frame; its position does not change
   * @param frame its parsed header
   * @param maxBytes the maximum size of the content
   * @return the content, valid until the next call
   * @throws UndecodableEventException if it is corrupt or too large
   */
  ByteBuffer decompress(ByteBuffer value, ZstdFrame frame, int maxBytes) {
    try {
      return frame.isWhole()
          ? whole(value, (int) frame.contentBytes())
          : piecewise(value, frame, maxBytes);
    } catch (ZstdException e) {
      // The exception's message and the sign of its code differ between versions of zstd-jni.
      throw ZstdFrame.damaged(Zstd.getErrorName(-Math.abs(e.getErrorCode())));
    }
  }

  private ByteBuffer whole(ByteBuffer value, int length) {
    byte[] target = length <= Chunks.WHOLE_BYTES ? small(length) : new byte[length];
    byte[] source;
    int offset;
    if (value.hasArray()) {
      source = value.array();
      offset = value.arrayOffset() + value.position();
    } else {
      source = new byte[value.remaining()];
      offset = 0;
      value.duplicate().get(source);
    }
    int decoded = context.decompressByteArray(target, 0, length, source, offset, value.remaining());
    return checked(target, decoded, length);
  }

  private byte[] small(int length) {
    if (content.length < length) {
      content = new byte[Math.max(length, Math.min(2 * content.length, Chunks.WHOLE_BYTES))];
    }
    return content;
  }

  private ByteBuffer piecewise(ByteBuffer value, ZstdFrame frame, int maxBytes) {
    Chunks chunks = chunks();
    ByteBuffer source = value.duplicate();
    int limit = frame.isSized() ? (int) frame.contentBytes() : maxBytes;
    byte[] made = new byte[frame.isSized() ? limit : Math.min(limit, Chunks.WHOLE_BYTES)];
    int used = 0;
    boolean ended;
    chunks.fill(source);
    do {
      if (!chunks.in.hasRemaining()) {
        chunks.fill(source);
      }
      chunks.out.clear();
      ended = context.decompressDirectByteBufferStream(chunks.out, chunks.in);
      int length = chunks.out.position();
      if (length > limit - used) {
        throw frame.isSized()
            ? ZstdFrame.damaged("it declares " + limit + " bytes but contains more")
            : ZstdFrame.tooLarge("more than " + maxBytes, maxBytes);
      }
      made = chunks.drain(made, used, limit);
      used += length;
    } while (!ended);
    return checked(made, used, frame.isSized() ? limit : used);
  }

  private static ByteBuffer checked(byte[] array, int decoded, int declared) {
    if (decoded != declared) {
      throw ZstdFrame.damaged("it declares " + declared + " bytes but contains " + decoded);
    }
    return ByteBuffer.wrap(array, 0, decoded);
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
