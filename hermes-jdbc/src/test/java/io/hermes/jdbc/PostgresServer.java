package io.hermes.jdbc;

import io.hermes.testkit.LocalPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server of its own, with a source of connections. */
final class PostgresServer implements AutoCloseable {

  private final LocalPostgres server = LocalPostgres.start();

  private PostgresServer() {}

  static PostgresServer start() {
    return new PostgresServer();
  }

  String url() {
    return server.url();
  }

  DataSource dataSource() {
    return source(url());
  }

  /** The same with no more than the rights of a role. */
  DataSource as(String role) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url());
    source.setOptions("-c role=" + role);
    return source;
  }

  private static DataSource source(String url) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url);
    return source;
  }

  /** A new database beside the others. */
  DataSource create(String database) throws SQLException {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
    return source(url().replace("/postgres?", "/" + database + "?"));
  }

  /** Starts it after {@link #stop}. */
  void restart() {
    server.restart();
  }

  /** Ends it at once, as if the machine had lost power. */
  void stop() {
    server.stop();
  }

  @Override
  public void close() {
    server.close();
  }
}
