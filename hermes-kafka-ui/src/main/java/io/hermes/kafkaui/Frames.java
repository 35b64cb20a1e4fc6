package io.hermes.kafkaui;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses one ZSTD frame, bounded before anything is allocated. Safe for any thread; close
 * after the last use.
 */
final class Frames implements AutoCloseable {

  private static final int MAX_WINDOW_LOG = 23;
  private static final int MAX_IDLE_CONTEXTS = 16;
  private static final long UNKNOWN_SIZE = -1;

  private final Dictionaries dictionaries;
  private final int maxDecodedBytes;
  private final Map<Long, Queue<ZstdDecompressCtx>> idle = new ConcurrentHashMap<>();
  private final AtomicInteger idleCount = new AtomicInteger();
  private volatile boolean closed;

  Frames(Dictionaries dictionaries, int maxDecodedBytes) {
    this.dictionaries = dictionaries;
    this.maxDecodedBytes = maxDecodedBytes;
  }

  /** Whether these bytes start with the magic number of a ZSTD frame. */
  static boolean hasMagic(byte[] bytes) {
    return bytes.length >= 4
        && bytes[0] == 0x28
        && bytes[1] == (byte) 0xB5
        && bytes[2] == 0x2F
        && bytes[3] == (byte) 0xFD;
  }

  static long dictionaryId(byte[] frame) {
    return Zstd.getDictIdFromFrame(frame);
  }

  byte[] decompress(byte[] frame) throws UndecodableException {
    checkEnd(frame);
    long id = dictionaryId(frame);
    ZstdDictDecompress dictionary = dictionaries.get(id);
    if (id != 0 && dictionary == null) {
      throw new UndecodableException(
          "The value needs ZSTD dictionary %d, but dictionariesDir has %s."
              .formatted(id, dictionaries.ids()));
    }
    long size = Zstd.getFrameContentSize(frame);
    if (size > maxDecodedBytes) {
      throw tooLarge(Long.toString(size));
    }
    if (size < UNKNOWN_SIZE) {
      throw new UndecodableException("The ZSTD frame's header is corrupt.");
    }
    return size == UNKNOWN_SIZE
        ? stream(frame, dictionary)
        : atOnce(frame, (int) size, id, dictionary);
  }

  private static void checkEnd(byte[] frame) throws UndecodableException {
    long size;
    try {
      size = Zstd.findFrameCompressedSize(frame);
    } catch (ZstdException e) {
      throw new UndecodableException(
          "The ZSTD frame is corrupt or truncated: " + e.getMessage() + ".");
    }
    if (size != frame.length) {
      throw new UndecodableException(
          "The ZSTD frame is followed by %d more bytes.".formatted(frame.length - size));
    }
  }

  private byte[] atOnce(byte[] frame, int size, long id, @Nullable ZstdDictDecompress dictionary)
      throws UndecodableException {
    byte[] decoded = new byte[size];
    ZstdDecompressCtx context = take(id, dictionary);
    int count;
    try {
      count = context.decompressByteArray(decoded, 0, size, frame, 0, frame.length);
    } catch (ZstdException e) {
      // The context may still be in the middle of the frame.
      context.close();
      throw damaged(e);
    }
    giveBack(id, context);
    if (count != size) {
      throw new UndecodableException(
          "The ZSTD frame has %d bytes instead of %d.".formatted(count, size));
    }
    return decoded;
  }

  /**
   * For a frame that does not declare its content size: decompresses at most one byte more than the
   * limit.
   */
  private byte[] stream(byte[] frame, @Nullable ZstdDictDecompress dictionary)
      throws UndecodableException {
    try (ZstdInputStreamNoFinalizer in =
        new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(frame))) {
      in.setLongMax(MAX_WINDOW_LOG);
      if (dictionary != null) {
        in.setDict(dictionary);
      }
      byte[] decoded = in.readNBytes(maxDecodedBytes);
      if (in.read() >= 0) {
        throw tooLarge("more");
      }
      return decoded;
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  private ZstdDecompressCtx take(long id, @Nullable ZstdDictDecompress dictionary) {
    ZstdDecompressCtx context = queue(id).poll();
    if (context != null) {
      idleCount.decrementAndGet();
      return context;
    }
    context = new ZstdDecompressCtx();
    if (dictionary != null) {
      context.loadDict(dictionary);
    }
    return context;
  }

  private void giveBack(long id, ZstdDecompressCtx context) {
    if (closed || idleCount.incrementAndGet() > MAX_IDLE_CONTEXTS) {
      if (!closed) {
        idleCount.decrementAndGet();
      }
      context.close();
      return;
    }
    queue(id).add(context);
    if (closed) {
      closeIdle();
    }
  }

  private Queue<ZstdDecompressCtx> queue(long id) {
    return idle.computeIfAbsent(id, unused -> new ConcurrentLinkedQueue<>());
  }

  private void closeIdle() {
    for (Queue<ZstdDecompressCtx> queue : idle.values()) {
      for (ZstdDecompressCtx context = queue.poll(); context != null; context = queue.poll()) {
        context.close();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    closeIdle();
    dictionaries.close();
  }

  private UndecodableException tooLarge(String size) {
    return new UndecodableException(
        "The value has %s bytes when decompressed, but maxDecodedBytes is %d."
            .formatted(size, maxDecodedBytes));
  }

  private static UndecodableException damaged(Exception e) {
    return new UndecodableException("The ZSTD frame is corrupt: " + e.getMessage() + ".");
  }
}
