package io.hermes.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sources of this repository, and copies of them. */
final class Sources {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Set<String> LEFT_OUT =
      Set.of("target", ".git", ".hermes", ".secrets", ".idea", ".vscode");

  private Sources() {}

  /**
   * Copies a folder, without what is built and what belongs to tools.
   *
   * @param version takes the place of the version that is built, in the poms
   */
  static Path copy(Path from, Path to, String version) {
    String built = ">" + System.getProperty("hermes.version") + "<";
    try {
      Files.walkFileTree(
          from,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
              if (LEFT_OUT.contains(folder.getFileName().toString())) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              Files.createDirectories(to.resolve(from.relativize(folder)));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Path copy = to.resolve(from.relativize(file));
              if (LEFT_OUT.contains(file.getFileName().toString())) {
                return FileVisitResult.CONTINUE; // a worktree's .git
              }
              if (file.endsWith("pom.xml")) {
                String pom = Files.readString(file);
                Files.writeString(copy, pom.replace(built, ">" + version + "<"));
              } else if (attributes.isRegularFile()) {
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to;
  }

  /** Deletes a folder and what is in it, if it is there. */
  static void delete(Path folder) {
    try {
      if (Files.exists(folder)) {
        Files.walkFileTree(
            folder,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                  throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                  throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
              }
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
