package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.HermesException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatabaseFailureTest {

  /** PostgreSQL's driver quotes the whole statement, with its parameters. */
  @Test
  void aFailureDoesNotPrintTheEvent() {
    BatchUpdateException batch =
        new BatchUpdateException(
            "Batch entry 0 INSERT INTO hermes_outbox VALUES ('secret') was aborted", "40P01", null);
    batch.setNextException(new SQLException("ERROR: deadlock detected", "40P01"));

    HermesException failure = Database.failure("The event was not added to the outbox.", batch);

    StringWriter printed = new StringWriter();
    failure.printStackTrace(new PrintWriter(printed));
    assertThat(printed.toString()).contains("deadlock detected").doesNotContain("secret");
    assertThat(failure.isRetryable()).isTrue();
  }

  @Test
  void aRefusalNamesThePermissions() {
    List<SQLException> refusals =
        List.of(
            new SQLException("ERROR: permission denied for table hermes_outbox", "42501"),
            new SQLException("Not enough rights for object", "90096", 90096),
            new SQLException("INSERT command denied to user", "42000", 1142));
    for (SQLException refusal : refusals) {
      assertThat(Database.failure("The event was not added to the outbox.", refusal))
          .hasMessage(
              "The event was not added to the outbox. The user of this connection lacks a"
                  + " permission. The database reported: %s. Grant the privileges listed in"
                  + " docs/outbox.md under Tables.",
              refusal.getMessage());
    }
  }

  /** HikariCP's message says only that it has none. */
  @Test
  void aPoolWithoutAConnectionNamesTheReason() {
    SQLException reason = new SQLException("Connection to 127.0.0.1:5432 refused.", "08001");
    SQLException waited =
        new SQLTransientConnectionException("Connection is not available", "08001", reason);
    HermesException failure = Database.failure("The outbox was not read.", waited);
    assertThat(failure)
        .hasMessage(
            "The outbox was not read. The database reported: Connection is not available."
                + " Connection to 127.0.0.1:5432 refused.");
    assertThat(failure.isRetryable()).isTrue();
  }
}
