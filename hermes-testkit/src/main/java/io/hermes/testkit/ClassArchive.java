package io.hermes.testkit;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An archive of the classes that a broker loads (JEP 350). With it, a broker's JVM needs little
 * more than half the CPU time until it is ready. The third broker that this JVM starts triggers its
 * creation in the background. All JVMs of this user with the same broker share it for a day. If it
 * cannot be created, brokers start without it. Safe for any thread.
 */
final class ClassArchive {

  private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

  private static final Pattern JARS_OF_BROKER =
      Pattern.compile(
          "(kafka|hermes-testkit|log4j-|scala-|jackson-|slf4j-api|jspecify|zstd-jni|lz4-java|snappy-java"
              + "|pcollections|caffeine|metrics-core|jose4j|jopt-simple|argparse4j|re2j|hash4j"
              + "|HdrHistogram|snakeyaml|commons-validator).*\\.jar");
  private static final int WORTH_IT = 3; // creating it costs about two starts
  private static final Duration LONGEST_MAKING = Duration.ofMinutes(5);
  private static final Duration KEPT = Duration.ofDays(1);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /** The archive for this JVM's class path. */
  static final ClassArchive OF_BROKERS = of(System.getProperty("java.class.path"));

  private final String jars;
  private final String classPath;
  private final @Nullable Path file;
  private final AtomicInteger starts = new AtomicInteger();

  private ClassArchive(String jars, String classPath, @Nullable Path file) {
    this.jars = jars;
    this.classPath = classPath;
    this.file = file;
  }

  /**
   * An archive contains only classes from jars, which must come first on the class path. The
   * broker's jars are sorted by name, so that modules with different class paths share an archive.
   */
  static ClassArchive of(String given) {
    List<String> entries = new ArrayList<>(List.of(given.split(File.pathSeparator, -1)));
    List<String> jars = new ArrayList<>(entries);
    jars.removeIf(entry -> !isOfBroker(Path.of(entry)));
    jars.sort(Comparator.comparing(jar -> Path.of(jar).getFileName()));
    entries.removeAll(jars);
    String first = String.join(File.pathSeparator, jars);
    entries.addAll(0, jars);
    boolean canBeMade = first.contains("hermes-testkit"); // ArchiveMain is in it
    return new ClassArchive(
        first, String.join(File.pathSeparator, entries), canBeMade ? file(first) : null);
  }

  private static boolean isOfBroker(Path entry) {
    Path name = entry.getFileName();
    return name != null
        && JARS_OF_BROKER.matcher(name.toString()).matches()
        && Files.isRegularFile(entry);
  }

  /** The class path of this JVM, with the broker's jars first. */
  String classPath() {
    return classPath;
  }

  /** The options for a JVM with this class path. */
  List<String> options() {
    return file != null && Files.exists(file)
        ? List.of("-XX:SharedArchiveFile=" + file)
        : List.of();
  }

  /**
   * Counts the start of a broker, and creates the archive once enough brokers have started.
   *
   * @return completes when no archive is being created
   */
  CompletableFuture<Void> started() {
    if (file != null && starts.incrementAndGet() == WORTH_IT && !Files.exists(file)) {
      try {
        return make(file);
      } catch (IOException e) {
        LOG.debug("Brokers start without an archive of their classes", e);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  /** If the part file exists, another JVM is creating the archive. */
  private CompletableFuture<Void> make(Path archive) throws IOException {
    deleteOld(archive);
    Path part = archive.resolveSibling(archive.getFileName() + ".part");
    try {
      Files.createFile(part);
    } catch (FileAlreadyExistsException another) {
      return CompletableFuture.completedFuture(null);
    }
    return new ProcessBuilder(
            ChildJvm.java(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ArchiveClassesAtExit=" + part,
            "-Dslf4j.provider=" + BrokerLogProvider.class.getName(),
            "-cp",
            jars,
            ArchiveMain.class.getName())
        .redirectErrorStream(true)
        .redirectOutput(Redirect.DISCARD)
        .start()
        .onExit()
        .thenAccept(ended -> publish(part, archive, ended.exitValue()));
  }

  private static void publish(Path part, Path archive, int exitCode) {
    try {
      if (exitCode == 0 && Files.size(part) > 0) {
        Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      LOG.debug("Brokers start without an archive of their classes", e);
    }
  }

  private static void deleteOld(Path archive) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(archive.resolveSibling(""))) {
      for (Path file : files) {
        Duration kept = file.toString().endsWith(".part") ? LONGEST_MAKING : KEPT;
        if (Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(kept))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Where the archive is, or will be; null if this machine has no suitable place for it. */
  private static @Nullable Path file(String jars) {
    try {
      Path directory =
          Path.of(
              System.getProperty("java.io.tmpdir"),
              "hermes-testkit-" + System.getProperty("user.name"));
      try {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } catch (FileAlreadyExistsException made) {
        LOG.trace("{} already exists", directory, made);
      }
      // A JVM trusts an archive's contents, so only this user may have write access.
      boolean isOwn =
          Files.getOwner(directory).getName().equals(System.getProperty("user.name"))
              && Files.getPosixFilePermissions(directory).equals(OWNER_ONLY);
      return isOwn ? directory.resolve(name(jars) + ".jsa") : null;
    } catch (IOException | UnsupportedOperationException | NoSuchAlgorithmException e) {
      LOG.debug("Brokers start without an archive of their classes", e);
      return null;
    }
  }

  private static String name(String jars) throws IOException, NoSuchAlgorithmException {
    StringBuilder all = new StringBuilder(ChildJvm.java()).append(Runtime.version());
    for (String jar : jars.split(File.pathSeparator, -1)) {
      Path path = Path.of(jar);
      all.append('\n').append(path.toAbsolutePath()).append(' ').append(Files.size(path));
      all.append(' ').append(Files.getLastModifiedTime(path));
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(all.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 8);
  }
}
