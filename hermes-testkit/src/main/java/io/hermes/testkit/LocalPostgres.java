package io.hermes.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A private PostgreSQL server, from Debian's package {@code postgresql}, that can be stopped and
 * restarted. When this JVM runs as root, the server runs as the package's user, because PostgreSQL
 * refuses to run as root. Not thread-safe.
 */
public final class LocalPostgres implements AutoCloseable {

  private static final Path PACKAGES = Path.of("/usr/lib/postgresql");

  private final Path bin;
  private final Path directory;
  private final int port;

  private LocalPostgres(Path bin, Path directory, int port) {
    this.bin = bin;
    this.directory = directory;
    this.port = port;
  }

  /**
   * Starts an empty server with {@code wal_level=logical}, which allows logical decoding.
   *
   * @return the server
   * @throws IllegalStateException if the package is not installed, or the server does not start
   */
  public static LocalPostgres start() {
    try {
      Path directory = Files.createTempDirectory("hermes-postgres-");
      LocalPostgres server = new LocalPostgres(bin(), directory, Ports.free());
      server.own();
      server.run("initdb", "--auth=trust", "--username=hermes", "--pgdata", server.data());
      server.restart();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path bin() throws IOException {
    if (Files.isDirectory(PACKAGES)) {
      try (Stream<Path> versions = Files.list(PACKAGES)) {
        Path newest = versions.max(Comparator.naturalOrder()).orElse(PACKAGES).resolve("bin");
        if (Files.isExecutable(newest.resolve("initdb"))) {
          return newest;
        }
      }
    }
    throw new IllegalStateException("There is no PostgreSQL: install Debian's package postgresql.");
  }

  private void own() throws IOException {
    if (isRoot()) {
      command(List.of("chown", "postgres", directory.toString()));
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private String data() {
    return directory.resolve("data").toString();
  }

  /** The JDBC URL, with the superuser {@code hermes}, which needs no password. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=hermes";
  }

  /** Restarts the server after {@link #stop}. */
  public void restart() {
    String options =
        "-p "
            + port
            + " -k "
            + directory
            + " -c listen_addresses=127.0.0.1 -c wal_level=logical"
            + " -c max_connections=200";
    run(
        "pg_ctl",
        "--wait",
        "--pgdata",
        data(),
        "--log",
        directory.resolve("log").toString(),
        "--options",
        options,
        "start");
  }

  /** Stops the server immediately, as if the machine had lost power. */
  public void stop() {
    run("pg_ctl", "--wait", "--pgdata", data(), "--mode=immediate", "stop");
  }

  private void run(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    command(command);
  }

  private void command(List<String> command) {
    try {
      Path output = Files.createTempFile("hermes-postgres-", ".txt");
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(Redirect.to(output.toFile()))
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " failed:\n" + Files.readString(output));
      }
      Files.delete(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Stops the server and deletes its data. */
  @Override
  public void close() {
    try {
      stop();
    } finally {
      command(List.of("rm", "-rf", directory.toString()));
    }
  }
}
