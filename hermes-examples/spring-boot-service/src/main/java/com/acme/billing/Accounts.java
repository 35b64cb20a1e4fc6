package com.acme.billing;

import io.hermes.events.v1.UserEvent;
import io.hermes.spring.TransactionalOutbox;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Turns REST calls into database rows and events. */
@RestController
class Accounts {

  private final TransactionalOutbox outbox;
  private final JdbcClient database;

  Accounts(TransactionalOutbox outbox, JdbcClient database) {
    this.outbox = outbox;
    this.database = database;
  }

  /** Stores the account and its event in one transaction, even while Kafka is down. */
  @PostMapping("/users/{id}")
  @Transactional
  public void open(@PathVariable String id) {
    database.sql("INSERT INTO account (user_id) VALUES (?)").param(id).update();
    outbox.publish(
        UserEvent.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setUserId(id)
            .setEventType(UserEvent.EventType.USER_REGISTERED)
            .build());
  }
}
