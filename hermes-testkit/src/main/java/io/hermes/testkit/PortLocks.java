package io.hermes.testkit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reserves ports for this JVM, so that no other test JVM of this user gives one to its brokers, not
 * even while a broker is down. Otherwise its clients would connect to the wrong cluster, and it
 * could not restart. A port's lock is the byte of that number in a file, which the operating system
 * unlocks when the JVM ends. If the file cannot be created, ports are reserved within this JVM
 * only. Safe for any thread.
 */
final class PortLocks {

  private static final Logger LOG = LoggerFactory.getLogger(PortLocks.class);

  private final @Nullable FileChannel channel; // closing any channel releases all locks
  private final Map<Integer, @Nullable FileLock> held = new HashMap<>();

  PortLocks(Path file) {
    channel = open(file);
  }

  private static @Nullable FileChannel open(Path file) {
    try {
      return FileChannel.open(
          file,
          Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      LOG.debug("Other JVMs may choose the ports of this one", e);
      return null;
    }
  }

  /** Reserves the port for this JVM. Returns false if it is already reserved. */
  synchronized boolean take(int port) {
    if (held.containsKey(port)) {
      return false;
    }
    FileLock lock = null;
    if (channel != null) {
      try {
        lock = channel.tryLock(port, 1, false);
        if (lock == null) {
          return false;
        }
      } catch (OverlappingFileLockException e) {
        return false; // held by another class loader in this JVM
      } catch (IOException e) {
        LOG.debug("Other JVMs may choose port {}, too", port, e);
      }
    }
    held.put(port, lock);
    return true;
  }

  synchronized boolean has(int port) {
    return held.containsKey(port);
  }

  synchronized void release(int port) {
    FileLock lock = held.remove(port);
    if (lock != null) {
      try {
        lock.release();
      } catch (IOException e) {
        LOG.debug("Port {} remains locked until this JVM ends", port, e);
      }
    }
  }
}
