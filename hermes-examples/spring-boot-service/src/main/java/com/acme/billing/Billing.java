package com.acme.billing;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.spring.HermesListener;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Turns REST calls into events, and events into database rows. */
@RestController
class Billing {

  private static final Logger LOG = LoggerFactory.getLogger(Billing.class);

  private final HermesPublisher<UserEvent> publisher;
  private final JdbcClient database;

  Billing(HermesPublisher<UserEvent> publisher, JdbcClient database) {
    this.publisher = publisher;
    this.database = database;
  }

  /** Responds once Kafka has acknowledged the event. */
  @PostMapping("/users/{id}/purchases")
  CompletableFuture<Long> buy(@PathVariable String id) {
    var event = UserEvent.newBuilder().setEventId(UUID.randomUUID().toString()).setUserId(id);
    return publisher.publish(event.build()).thenApply(Receipt::offset);
  }

  /** One bill for each event: the inbox entry and the bill commit in one transaction. */
  @HermesListener(group = "billing", once = true)
  void bill(UserEvent event) {
    database.sql("INSERT INTO bill (user_id) VALUES (?)").param(event.getUserId()).update();
    LOG.info("billed {}", event.getUserId());
  }
}
