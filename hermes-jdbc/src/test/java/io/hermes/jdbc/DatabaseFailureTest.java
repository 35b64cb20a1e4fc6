package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.HermesException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
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
}
