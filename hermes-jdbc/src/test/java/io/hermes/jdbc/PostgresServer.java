package io.hermes.jdbc;

import io.hermes.testkit.LocalPostgres;
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
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url());
    return source;
  }

  /** Starts it after {@link #stop}. */
  void startAgain() {
    server.startAgain();
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
