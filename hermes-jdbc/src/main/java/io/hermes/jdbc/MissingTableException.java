package io.hermes.jdbc;

import io.hermes.HermesException;

/** A table of the outbox or of the inbox does not exist. */
public final class MissingTableException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String tables;
  private final String script;

  MissingTableException(String tables, String script, Throwable cause) {
    super(
        "The database lacks a table of Hermes (" + tables + ").",
        "If it is the right database and schema, run "
            + script
            + " of hermes-jdbc.jar, for example with Flyway or Liquibase, or call createTables().",
        cause);
    this.tables = tables;
    this.script = script;
  }

  /** Returns the required tables, separated by commas. */
  public String tables() {
    return tables;
  }

  /** Returns the class path location of the script that creates them. */
  public String script() {
    return script;
  }
}
