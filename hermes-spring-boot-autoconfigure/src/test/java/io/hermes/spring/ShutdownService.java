package io.hermes.spring;

import io.hermes.events.v1.UserEvent;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A service with a slow listener that writes to a database; {@link ShutdownTest} ends it. */
@SpringBootApplication(scanBasePackages = "no.such.package")
public class ShutdownService {

  private static final Duration SLOW = Duration.ofSeconds(2);

  private final JdbcClient database;
  private final AtomicInteger running = new AtomicInteger();

  ShutdownService(JdbcClient database) {
    this.database = database;
    database.sql("create table if not exists handled (name varchar(100))").update();
  }

  /** Starts the service; the arguments are properties. */
  public static void main(String[] arguments) {
    SpringApplication.run(ShutdownService.class, arguments);
  }

  @HermesListener(group = "slow", concurrency = 200)
  void handle(UserEvent event) throws InterruptedException {
    System.out.println("running " + running.incrementAndGet());
    Thread.sleep(SLOW.toMillis());
    database.sql("insert into handled values (?)").param(event.getUserId()).update();
    running.decrementAndGet();
    System.out.println("handled " + event.getUserId());
  }
}
