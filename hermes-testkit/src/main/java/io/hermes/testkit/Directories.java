package io.hermes.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and deletes temporary directories. */
final class Directories {

  private static final Logger LOG = LoggerFactory.getLogger(Directories.class);

  /** The name prefix of this process's temporary directories. */
  static final String PREFIX = "hermes-kafka-" + ProcessHandle.current().pid() + "-";

  private Directories() {}

  static Path temporary() {
    try {
      return Files.createTempDirectory(PREFIX);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a directory has no file except possibly the lock file. */
  static boolean isUnused(Path directory) {
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(directory, file -> !file.endsWith(DataLock.FILE))) {
      return !others.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a directory recursively; files that cannot be deleted are logged and remain. */
  static void delete(Path directory) {
    try {
      Files.walkFileTree(directory, new Deletion());
    } catch (NoSuchFileException gone) {
      LOG.debug("{} is already deleted", directory);
    } catch (IOException e) {
      LOG.warn("Could not delete {}", directory, e);
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      // A broker that is shutting down still deletes and renames its own files.
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
