package io.hermes.jdbc;

import io.hermes.HermesException;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.postgresql.ds.PGSimpleDataSource;

/** A relay in a JVM of its own, until SIGTERM. Arguments: JDBC URL, bootstrap servers. */
final class RelayMain {

  private RelayMain() {}

  public static void main(String[] args) throws InterruptedException {
    ChildProcess.endWithParent();
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(args[0]);
    OutboxRelay relay = start(source, args[1]);
    Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
    new CountDownLatch(1).await();
  }

  /** A supervisor would start it again while the database restarts. */
  private static OutboxRelay start(PGSimpleDataSource source, String bootstrapServers)
      throws InterruptedException {
    while (true) {
      try {
        return OutboxRelay.builder(source)
            .settings(KafkaSettings.of(bootstrapServers))
            .lease(Duration.ofSeconds(3))
            .start();
      } catch (HermesException e) {
        if (!e.isRetryable()) {
          throw e;
        }
        Thread.sleep(200);
      }
    }
  }
}
