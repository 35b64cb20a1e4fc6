package io.hermes.kafka;

import java.util.function.Supplier;

/**
 * Runs Kafka's code with Hermes' own class loader as the thread's context class loader, and
 * restores the previous one.
 *
 * <p>Kafka looks up classes by name through the context class loader: default classes while its
 * configuration classes initialize, where one failure is permanent, and login modules and
 * interceptors later. On a thread of the common pool, that class loader is the system class loader,
 * which does not see kafka-clients in a Spring Boot executable jar or an application server.
 */
final class ClassLoading {

  private ClassLoading() {}

  static <T> T withOurs(Supplier<T> action) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoading.class.getClassLoader());
    try {
      return action.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
