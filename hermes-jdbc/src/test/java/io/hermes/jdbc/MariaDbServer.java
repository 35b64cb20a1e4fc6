package io.hermes.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** A MariaDB server of its own, from Debian's package {@code mariadb-server-core}. */
final class MariaDbServer implements AutoCloseable {

  private final Path directory;
  private final Process process;
  private final int port;

  private MariaDbServer(Path directory, Process process, int port) {
    this.directory = directory;
    this.process = process;
    this.port = port;
  }

  static MariaDbServer start() throws Exception {
    Path directory = Files.createTempDirectory("hermes-mariadb-");
    String user = "--user=" + System.getProperty("user.name");
    String data = "--datadir=" + directory.resolve("data");
    Process install =
        run(
            directory.resolve("install.log"),
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            user,
            data);
    if (!install.waitFor(60, TimeUnit.SECONDS) || install.exitValue() != 0) {
      throw new IllegalStateException(Files.readString(directory.resolve("install.log")));
    }
    int port = freePort();
    Process server =
        run(
            directory.resolve("server.log"),
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=" + directory.resolve("socket"),
            user,
            data);
    MariaDbServer started = new MariaDbServer(directory, server, port);
    Users.await("MariaDB responds", started::responds);
    return started;
  }

  private static Process run(Path log, String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(log.toFile()))
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private boolean responds() throws Exception {
    if (!process.isAlive()) {
      throw new IllegalStateException(Files.readString(directory.resolve("server.log")));
    }
    try {
      dataSource().getConnection().close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  DataSource dataSource() throws SQLException {
    return source("mysql");
  }

  private DataSource source(String database) throws SQLException {
    return new MariaDbDataSource(
        "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root&connectTimeout=1000");
  }

  /** A new database beside the others. */
  DataSource create(String database) throws SQLException {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
    return source(database);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
