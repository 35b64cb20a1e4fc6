package io.hermes.codec;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;

/** Frames as other writers make them, well and badly, and the headers of values. */
final class Frames {

  private Frames() {}

  static Headers none() {
    return new RecordHeaders();
  }

  static Headers zstd() {
    return encodings("zstd");
  }

  static Headers encodings(String... encodings) {
    Headers headers = new RecordHeaders();
    for (String encoding : encodings) {
      headers.add("content-encoding", encoding.getBytes(StandardCharsets.UTF_8));
    }
    return headers;
  }

  /** What a serializer makes of an event, which is never null. */
  static <M extends Message> byte[] write(Serializer<M> serializer, Headers headers, M event) {
    return Objects.requireNonNull(serializer.serialize("t", headers, event));
  }

  static <M extends Message> byte[] write(Serializer<M> serializer, M event) {
    return write(serializer, none(), event);
  }

  /** A frame as Hermes makes it. */
  static byte[] sized(byte[] content) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(true).compress(content);
    }
  }

  /** A frame that says its size and wants a window of a power of two. */
  static byte[] sized(byte[] content, int windowLog) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setLong(windowLog).compress(content);
    }
  }

  static byte[] withoutChecksum(byte[] content) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(false).compress(content);
    }
  }

  /** A frame that does not say its size, as streaming writers make it. */
  static byte[] unsized(byte[] content, int windowLog) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new ZstdOutputStreamNoFinalizer(bytes)) {
      out.setChecksum(true);
      out.setLong(windowLog);
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] unsized(byte[] content) {
    return unsized(content, 20);
  }

  /** A frame of a header that declares a size in 8 bytes, and of blocks. */
  static byte[] declaring(long contentBytes, byte... blocks) {
    return ByteBuffer.allocate(13 + blocks.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0xFD2FB528)
        .put((byte) 0xE0) // 8 bytes of size, single segment, no checksum
        .putLong(contentBytes)
        .put(blocks)
        .array();
  }

  /** A last block of raw bytes. */
  static byte[] lastRawBlock(int length) {
    byte[] block = new byte[3 + length];
    int header = 1 | length << 3;
    block[0] = (byte) header;
    block[1] = (byte) (header >> 8);
    block[2] = (byte) (header >> 16);
    return block;
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
