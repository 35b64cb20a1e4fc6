package io.hermes.testing;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Damages what a broker has on disk, while it does not run. */
public final class LogFiles {

  private LogFiles() {}

  /** Damages the last byte of one batch of a log file. */
  public static void flipByteOfBatch(Path log, int index) throws Exception {
    try (FileChannel file =
        FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long at = 0;
      for (int i = 0; ; i++) {
        // A batch: 8 bytes base offset, 4 bytes length of what follows.
        ByteBuffer head = ByteBuffer.allocate(12);
        file.read(head, at);
        long end = at + 12 + head.getInt(8);
        if (i == index) {
          ByteBuffer last = ByteBuffer.allocate(1);
          file.read(last, end - 1);
          last.put(0, (byte) ~last.get(0)).rewind();
          file.write(last, end - 1);
          return;
        }
        at = end;
      }
    }
  }
}
