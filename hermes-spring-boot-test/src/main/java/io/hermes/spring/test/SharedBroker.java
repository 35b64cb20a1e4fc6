package io.hermes.spring.test;

import io.hermes.testkit.EmbeddedKafka;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;

/**
 * The broker that all test contexts of this JVM share. Spring caches contexts until the JVM ends,
 * and Spring Boot's shutdown hook closes them. That hook closes the broker last, so that no context
 * loses its connection. Thread-safe.
 */
final class SharedBroker {

  private static @Nullable EmbeddedKafka broker; // guarded by the class

  private SharedBroker() {}

  /** Returns the broker; starts it for the first context, and a new one if it has failed. */
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
