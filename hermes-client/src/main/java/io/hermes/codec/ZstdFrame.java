package io.hermes.codec;

import io.hermes.UndecodableEventException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header and the block headers of a ZSTD frame, parsed without decoding it and without
 * allocating memory according to the sizes that it claims. See RFC 8878, section 3.1.1.
 *
 * @param dictionaryId 0 if the frame needs no dictionary
 * @param contentBytes size of the content; -1 if the frame does not declare it
 * @param windowBytes memory needed to decode it in chunks
 */
record ZstdFrame(int dictionaryId, long contentBytes, long windowBytes) {

  /**
   * The maximum content of a block; even a compressed block of a few bytes can expand to this size.
   */
  static final int MAX_BLOCK_BYTES = 128 << 10;

  /**
   * The maximum window of frames decoded in chunks: the largest one that zstd's regular levels use.
   */
  private static final long MAX_WINDOW_BYTES = 8 << 20;

  private static final int RAW = 0;
  private static final int RLE = 1;
  private static final int COMPRESSED = 2;

  /**
   * Parses a value that is a frame.
   *
   * @param value starts with the magic number; its position does not change
   * @throws UndecodableEventException if it is not exactly one complete frame
   */
  static ZstdFrame of(ByteBuffer value) {
    ByteBuffer in = value.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      in.getInt(); // magic
      int descriptor = in.get() & 0xFF;
      boolean singleSegment = (descriptor & 0x20) != 0;
      if ((descriptor & 0x08) != 0) {
        throw damaged("its header has a reserved bit set");
      }
      long window = singleSegment ? -1 : window(in.get() & 0xFF);
      int dictionaryId = (int) number(in, new int[] {0, 1, 2, 4}[descriptor & 3]);
      long content = content(in, descriptor >> 6, singleSegment);
      ZstdFrame frame = new ZstdFrame(dictionaryId, content, singleSegment ? content : window);
      long most = skipBlocks(in, Math.min(frame.windowBytes, MAX_BLOCK_BYTES));
      if ((descriptor & 0x04) != 0) {
        in.getInt(); // checksum
      }
      if (in.hasRemaining()) {
        throw damaged(in.remaining() + " bytes follow its end; a value must be exactly one frame");
      }
      if (content > most) {
        throw damaged("it declares " + content + " bytes but can contain at most " + most + "");
      }
      return frame;
    } catch (BufferUnderflowException e) {
      throw damaged("it is truncated after " + value.remaining() + " bytes");
    }
  }

  /** Whether the frame declares the size of its content. */
  boolean isSized() {
    return contentBytes >= 0;
  }

  /** Whether to decode it in one call: it is small, or its window is too large for chunks. */
  boolean isWhole() {
    return isSized() && (contentBytes <= Chunks.WHOLE_BYTES || windowBytes > MAX_WINDOW_BYTES);
  }

  /**
   * Rejects a frame that would need too much memory.
   *
   * @param maxBytes the maximum size of the content
   * @throws UndecodableEventException if its header shows that it needs more
   */
  ZstdFrame within(int maxBytes) {
    if (contentBytes > maxBytes) {
      throw tooLarge("" + contentBytes, maxBytes);
    }
    if (!isSized() && windowBytes > MAX_WINDOW_BYTES) {
      throw new UndecodableEventException(
          "The ZSTD frame needs a window of "
              + windowBytes
              + " bytes, but without a content size at most "
              + MAX_WINDOW_BYTES
              + " are allowed.",
          "Write the frame with its content size.",
          null);
    }
    return this;
  }

  static UndecodableEventException tooLarge(String bytes, int maxBytes) {
    return new UndecodableEventException(
        "The event takes " + bytes + " bytes, and the limit is " + maxBytes + ".",
        "Raise maxEventBytes here and in the publisher, or publish smaller events.",
        null);
  }

  static UndecodableEventException damaged(String what) {
    return new UndecodableEventException("The ZSTD frame is corrupt: " + what + ".", null);
  }

  private static long window(int descriptor) {
    long base = 1L << (10 + (descriptor >> 3));
    return base + (base >> 3) * (descriptor & 7);
  }

  private static long content(ByteBuffer in, int flag, boolean singleSegment) {
    return switch (flag) {
      case 0 -> singleSegment ? number(in, 1) : -1;
      case 1 -> number(in, 2) + 256;
      case 2 -> number(in, 4);
      default -> {
        long size = number(in, 8);
        if (size < 0) {
          throw damaged("it declares 2^63 bytes or more");
        }
        yield size;
      }
    };
  }

  private static long number(ByteBuffer in, int bytes) {
    return switch (bytes) {
      case 0 -> 0;
      case 1 -> in.get() & 0xFF;
      case 2 -> in.getShort() & 0xFFFF;
      case 4 -> in.getInt() & 0xFFFF_FFFFL;
      default -> in.getLong();
    };
  }

  /** Skips all blocks, and returns the maximum number of bytes that they can contain. */
  private static long skipBlocks(ByteBuffer in, long maxBlock) {
    long most = 0;
    boolean last;
    do {
      int header = (in.get() & 0xFF) | (in.getShort() & 0xFFFF) << 8;
      last = (header & 1) != 0;
      int size = header >>> 3;
      int stored =
          switch (header >> 1 & 3) {
            case RAW, COMPRESSED -> size;
            case RLE -> 1;
            default -> throw damaged("it has a block of a reserved type");
          };
      if (stored > in.remaining()) {
        throw new BufferUnderflowException();
      }
      in.position(in.position() + stored);
      most += (header >> 1 & 3) == COMPRESSED ? maxBlock : Math.min(size, maxBlock);
    } while (!last);
    return most;
  }
}
