package io.hermes.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prevents two brokers from using the same data. Kafka's own lock is taken too late: by then the
 * controller of the second broker has written to the metadata log of the first, which shuts both
 * down.
 *
 * <p>Safe for any thread.
 */
final class DataLock implements AutoCloseable {

  /** The lock file in the data directory. */
  static final String FILE = "hermes.lock";

  // Within this JVM the set is the lock, because closing any channel of a file releases the
  // process's lock on it.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DataLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * Locks an existing data directory.
   *
   * @throws KafkaStartException if a broker in this or another process uses it
   */
  static DataLock take(Path dataDirectory) {
    try {
      Path directory = dataDirectory.toRealPath();
      if (!HELD.add(directory)) {
        throw inUse(directory);
      }
      try {
        return new DataLock(directory, lock(directory));
      } catch (IOException | RuntimeException e) {
        HELD.remove(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw inUse(directory);
    }
    return channel;
  }

  private static KafkaStartException inUse(Path directory) {
    return new KafkaStartException(
        "Another broker uses " + directory + ". Stop it, or choose another directory.", null);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove(directory);
    }
  }
}
