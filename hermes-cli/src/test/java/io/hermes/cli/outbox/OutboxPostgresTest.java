package io.hermes.cli.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.testkit.LocalPostgres;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same commands on a real PostgreSQL, whose driver they bring. */
@Tag("full")
class OutboxPostgresTest {

  @Test
  void listsRetriesAndDropsAndSaysWhatIsWrong() throws Exception {
    try (LocalPostgres server = LocalPostgres.start()) {
      ParkedRows rows = new ParkedRows(server.url());
      Run missing = rows.hermes("outbox", "list");
      assertThat(missing.err()).contains("A table of Hermes is missing").hasLineCount(1);
      assertThat(missing.exitCode()).isEqualTo(1);

      rows.createTables();
      long first = rows.park("u1");
      long second = rows.park("u2");
      rows.add("u3");
      assertThat(rows.hermes("outbox", "list").out())
          .containsPattern("pending  1, the oldest for [0-9.]+ m?s\nparked   2\n")
          .contains(first + "  user.events  u1   USER_LOGIN  e-u1", ParkedRows.REASON);
      assertThat(rows.hermes("outbox", "retry", "" + first).exitCode()).isZero();
      assertThat(rows.hermes("outbox", "drop", "" + second, "--yes").exitCode()).isZero();
      assertThat(rows.parked()).isEmpty();
      assertThat(rows.pending()).hasSize(2);

      wrongPassword(rows);
      server.stop();
      Run down = rows.hermes("outbox", "list");
      assertThat(down.err())
          .startsWith("hermes: Cannot connect to jdbc:postgresql://127.0.0.1:")
          .hasLineCount(1);
      assertThat(down.exitCode()).isEqualTo(1);
      server.restart();
      assertThat(rows.hermes("outbox", "list").out()).contains("pending  2");
    }
  }

  private static void wrongPassword(ParkedRows rows) throws Exception {
    rows.execute("CREATE USER teller PASSWORD 'right-password'");
    rows.execute("GRANT SELECT ON hermes_outbox TO teller");
    // As the server itself may write a file: from now on this user needs the password.
    rows.execute(
        """
        DO $$ BEGIN EXECUTE format('COPY (SELECT unnest(ARRAY[
          ''host all teller 127.0.0.1/32 scram-sha-256'',
          ''host all all 127.0.0.1/32 trust''])) TO %L', current_setting('hba_file')); END $$
        """);
    rows.execute("SELECT pg_reload_conf()");
    String url = rows.url().replaceAll("\\?.*", "");
    String[] list = {"outbox", "list", "--jdbc-url", url, "--jdbc-user", "teller"};
    Run right = ParkedRows.hermes(Map.of("HERMES_JDBC_PASSWORD", "right-password"), list);
    assertThat(right.out()).as(right.err()).contains("pending  2");
    Run wrong = ParkedRows.hermes(Map.of("HERMES_JDBC_PASSWORD", "wrong-password"), list);
    assertThat(wrong.err())
        .contains("rejects the user", "teller", "HERMES_JDBC_PASSWORD")
        .doesNotContain("wrong-password")
        .hasLineCount(1);
    assertThat(wrong.exitCode()).isEqualTo(1);
    rows.park("u4");
    Run denied =
        ParkedRows.hermes(
            Map.of("HERMES_JDBC_PASSWORD", "right-password"),
            "outbox",
            "retry",
            "--all",
            "--jdbc-url",
            url,
            "--jdbc-user",
            "teller");
    assertThat(denied.err())
        .contains("was not changed", "permission denied for table hermes_outbox")
        .hasLineCount(1);
    assertThat(denied.exitCode()).isEqualTo(1);
    assertThat(rows.hermes("outbox", "drop", "--all", "--yes").exitCode()).isZero();
  }
}
