package io.hermes.spring.test;

import io.hermes.testkit.EmbeddedKafka;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;

/**
 * The broker of all test contexts of this JVM. Spring keeps contexts until the JVM ends, and closes
 * them in Spring Boot's shutdown hook; the broker is closed in that hook after them, so that none
 * loses its connection. Safe for any thread.
 */
final class SharedBroker {

  private static @Nullable EmbeddedKafka broker; // guarded by the class

  private SharedBroker() {}

  /** The broker; starts it for the first context, and again if it has failed. */
  static synchronized EmbeddedKafka get() {
    EmbeddedKafka running = broker;
    if (running == null || !running.isAlive()) {
      running = EmbeddedKafka.builder().withoutShutdownHook().start();
      SpringApplication.getShutdownHandlers().add(running::close);
      broker = running;
    }
    return running;
  }
}
