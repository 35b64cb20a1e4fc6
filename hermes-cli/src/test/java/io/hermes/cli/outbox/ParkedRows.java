package io.hermes.cli.outbox;

import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Outbox;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An outbox in a test's database, with rows as a relay that parked some leaves them. */
public final class ParkedRows {

  static final String REASON = "The event for user.events is too large: 2097152 bytes.";

  private final String url;

  public ParkedRows(String url) {
    this.url = url;
  }

  public String url() {
    return url;
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  public void createTables() throws SQLException {
    try (Connection connection = connect()) {
      Outbox.createTables(connection);
    }
  }

  /** Adds events of these users, whose ids are e- and the user. */
  void add(String... users) throws SQLException {
    try (Connection connection = connect();
        Outbox outbox = Outbox.create()) {
      connection.setAutoCommit(false);
      for (String user : users) {
        outbox.publish(
            connection,
            UserEvent.newBuilder()
                .setEventId("e-" + user)
                .setUserId(user)
                .setEventType(UserEvent.EventType.USER_LOGIN)
                .build());
      }
      connection.commit();
    }
  }

  /** Adds an event, and parks it; returns its id. */
  public long park(String user) throws SQLException {
    add(user);
    try (Connection connection = connect();
        PreparedStatement park =
            connection.prepareStatement(
                "UPDATE hermes_outbox SET parked_at = CURRENT_TIMESTAMP, parked_reason = ? WHERE"
                    + " event_id = ?")) {
      park.setString(1, REASON);
      park.setString(2, "e-" + user);
      park.executeUpdate();
    }
    return idsOf(user).get(0);
  }

  private List<Long> idsOf(String user) throws SQLException {
    return query("SELECT id FROM hermes_outbox WHERE event_id = 'e-" + user + "' ORDER BY id");
  }

  List<Long> pending() throws SQLException {
    return query("SELECT id FROM hermes_outbox WHERE parked_at IS NULL ORDER BY id");
  }

  List<Long> parked() throws SQLException {
    return query("SELECT id FROM hermes_outbox WHERE parked_at IS NOT NULL ORDER BY id");
  }

  private List<Long> query(String sql) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      while (results.next()) {
        ids.add(results.getLong(1));
      }
    }
    return ids;
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A command, with the database from the environment. */
  Run hermes(String... args) {
    return hermes(Map.of("HERMES_JDBC_URL", url), args);
  }

  static Run hermes(Map<String, String> environment, String... args) {
    return Run.hermes(new Stop(), Look.PLAIN, environment, args);
  }
}
