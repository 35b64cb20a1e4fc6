package io.hermes.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.hermes.UndecodableEventException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes frames apart that {@link ZstdFrame} has found whole and within the limits. */
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
   * Decompresses a frame. After an exception this context is of no more use.
   *
   * @param value the frame; its position does not change
   * @param frame what its header says
   * @param maxBytes what the content may take
   * @return the content, until the next call
   * @throws UndecodableEventException if it is damaged or too large
   */
  ByteBuffer decompress(ByteBuffer value, ZstdFrame frame, int maxBytes) {
    try {
      return frame.isWhole()
          ? whole(value, (int) frame.contentBytes())
          : piecewise(value, frame, maxBytes);
    } catch (ZstdException e) {
      // Neither its message nor its code's sign is the same in all versions of zstd-jni.
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
            ? ZstdFrame.damaged("it declares " + limit + " bytes and has more")
            : ZstdFrame.tooLarge("more than " + maxBytes, maxBytes);
      }
      made = chunks.drain(made, used, limit);
      used += length;
    } while (!ended);
    return checked(made, used, frame.isSized() ? limit : used);
  }

  private static ByteBuffer checked(byte[] array, int decoded, int declared) {
    if (decoded != declared) {
      throw ZstdFrame.damaged("it declares " + declared + " bytes and has " + decoded);
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
