package io.hermes.spring.guide;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.spring.guide.Listeners.Seen;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What docs/spring-boot.md shows, in one application. */
@KafkaTest
@Timeout(180)
class SpringBootGuideTest {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import({
    Seen.class,
    Listeners.Orders.class,
    Listeners.Billing.class,
    Listeners.Statistics.class,
    Listeners.Handlers.class,
    Beans.Checkout.class,
    Beans.Mirror.class,
    Beans.Unavailable.class,
    Beans.Customizers.class,
    Ledgers.Accounts.class,
    Ledgers.Ledger.class
  })
  static class Application {}

  private static ConfigurableApplicationContext start(Kafka kafka) {
    String prefix = UUID.randomUUID() + ".";
    kafka.createTopic(prefix + "user.events", 1);
    kafka.createTopic(prefix + "orders.events", 1);
    kafka.createTopic(prefix + "payments.events", 1);
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .properties(
            "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "hermes.clusters.eu.bootstrap-servers=" + kafka.bootstrapServers(),
            "hermes.topic-prefix=" + prefix,
            "hermes.subscribers.billing.ignore-other-types=true",
            "hermes.outbox.create-tables=true",
            "hermes.inbox.create-tables=true")
        .run();
  }

  @Test
  void everyListenerOfTheGuideGetsItsEvents(Kafka kafka) throws Exception {
    try (ConfigurableApplicationContext context = start(kafka)) {
      Beans.Mirror mirror = context.getBean(Beans.Mirror.class);
      mirror.here.publishAndWait(UserEvent.newBuilder().setUserId("u1").build(), ofSeconds(20));
      mirror.eu.publishAndWait(UserEvent.newBuilder().setUserId("u2").build(), ofSeconds(20));
      var forgotten = mirror.here.publishTombstone("u1");
      Beans.Checkout checkout = context.getBean(Beans.Checkout.class);
      for (Message event :
          List.<Message>of(
              OrderPlaced.newBuilder().setOrderId("o1").build(),
              OrderPaid.newBuilder().setOrderId("o1").build(),
              OrderCancelled.newBuilder().setOrderId("o1").build())) {
        checkout.publisher.publishAndWait(event, ofSeconds(20));
      }
      assertThat(forgotten).succeedsWithin(ofSeconds(20));

      List<String> expected =
          List.of(
              "placed o1",
              "paid o1",
              "cancelled o1",
              "payment o1",
              "batch u1",
              "batch u2",
              "audit u1",
              "audit u2",
              "forget u1");
      List<String> seen = new ArrayList<>();
      while (!seen.containsAll(expected)) {
        String next = context.getBean(Seen.class).all.poll(30, SECONDS);
        assertThat(next).as("after %s", seen).isNotNull();
        seen.add(next);
      }
    }
  }

  @Test
  void theOutboxAndTheInboxOfTheGuideKeepTheDatabaseAndKafkaTogether(Kafka kafka) {
    try (ConfigurableApplicationContext context = start(kafka)) {
      Ledgers.Accounts accounts = context.getBean(Ledgers.Accounts.class);
      for (int i = 0; i < 3; i++) {
        accounts.open("user-" + i);
      }
      JdbcClient database = context.getBean(JdbcClient.class);
      var visits = database.sql("SELECT number FROM visits").query(Integer.class);
      var history = database.sql("SELECT user_id FROM history").query(String.class);
      while (visits.list().contains(0) || history.list().size() < 3) {
        LockSupport.parkNanos(10_000_000);
      }
      assertThat(visits.list()).containsExactly(1, 1, 1);
      assertThat(history.list()).containsExactlyInAnyOrder("user-0", "user-1", "user-2");
    }
  }
}
