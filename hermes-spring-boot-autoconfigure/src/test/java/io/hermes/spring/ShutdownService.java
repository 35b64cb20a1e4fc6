package io.hermes.spring;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A service with a slow listener that writes to a database, and slow requests that publish an
 * event; {@link ShutdownTest} ends it.
 */
@SpringBootApplication(scanBasePackages = "no.such.package")
@RestController
public class ShutdownService {

  private final JdbcClient database;
  private final HermesPublisher<UserEvent> publisher;
  private final Duration slow;
  private final AtomicInteger running = new AtomicInteger();

  ShutdownService(
      JdbcClient database,
      HermesPublisher<UserEvent> publisher,
      @Value("${slow:2s}") Duration slow) {
    this.database = database;
    this.publisher = publisher;
    this.slow = slow;
    database.sql("create table if not exists handled (name varchar(100))").update();
  }

  /** Starts the service; the arguments are properties. */
  public static void main(String[] arguments) {
    SpringApplication.run(ShutdownService.class, arguments);
  }

  @HermesListener(group = "slow", concurrency = 200)
  void handle(UserEvent event) throws InterruptedException {
    System.out.println("running " + running.incrementAndGet());
    Thread.sleep(slow.toMillis());
    database.sql("insert into handled values (?)").param(event.getUserId()).update();
    running.decrementAndGet();
    System.out.println("handled " + event.getUserId());
  }

  /** Answers with the partition of the event that it has published. */
  @GetMapping("/request")
  String request() throws InterruptedException {
    System.out.println("requested");
    Thread.sleep(slow.toMillis());
    Receipt receipt =
        publisher.publishAndWait(Services.event("by the request"), Duration.ofSeconds(10));
    System.out.println("published");
    return "published to " + receipt.topic();
  }
}
