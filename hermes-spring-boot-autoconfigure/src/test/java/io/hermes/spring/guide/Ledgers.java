package io.hermes.spring.guide;

import io.hermes.events.v1.UserEvent;
import io.hermes.spring.HermesListener;
import io.hermes.spring.TransactionalOutbox;
import io.hermes.subscribe.Delivery;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/** The database of the guide. */
final class Ledgers {

  private Ledgers() {}

  static class Accounts {
    private final JdbcClient database;
    private final TransactionalOutbox outbox;

    Accounts(JdbcClient database, TransactionalOutbox outbox) {
      this.database = database;
      this.outbox = outbox;
      database.sql("CREATE TABLE account (user_id VARCHAR(64))").update();
      database.sql("CREATE TABLE visits (user_id VARCHAR(64), number INT)").update();
      database.sql("CREATE TABLE history (user_id VARCHAR(64))").update();
    }

    @Transactional
    public void open(String user) {
      database.sql("INSERT INTO account (user_id) VALUES (?)").param(user).update();
      database.sql("INSERT INTO visits (user_id, number) VALUES (?, 0)").param(user).update();
      String id = UUID.randomUUID().toString();
      outbox.publish(UserEvent.newBuilder().setEventId(id).setUserId(user).build());
    }
  }

  static class Ledger {
    private final JdbcClient database;

    Ledger(JdbcClient database) {
      this.database = database;
    }

    @HermesListener(group = "visits", once = true)
    void count(UserEvent event) {
      database
          .sql("UPDATE visits SET number = number + 1 WHERE user_id = ?")
          .param(event.getUserId())
          .update();
    }

    @HermesListener(group = "history", once = true)
    void write(List<Delivery<UserEvent>> fresh) {
      for (Delivery<UserEvent> delivery : fresh) {
        database
            .sql("INSERT INTO history (user_id) VALUES (?)")
            .param(delivery.event().getUserId())
            .update();
      }
    }
  }
}
