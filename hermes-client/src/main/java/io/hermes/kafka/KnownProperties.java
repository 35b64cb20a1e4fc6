package io.hermes.kafka;

import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/** The names of the properties that Kafka's clients know. Stateless. */
final class KnownProperties {

  static final Set<String> PRODUCER = ClassLoading.withOurs(ProducerConfig::configNames);
  static final Set<String> CONSUMER = ClassLoading.withOurs(ConsumerConfig::configNames);
  static final Set<String> ADMIN = ClassLoading.withOurs(AdminClientConfig::configNames);

  private static final Set<String> ALL = all();

  private KnownProperties() {}

  private static Set<String> all() {
    Set<String> all = new TreeSet<>(PRODUCER);
    all.addAll(CONSUMER);
    all.addAll(ADMIN);
    return all;
  }

  static boolean contains(String name) {
    return ALL.contains(name);
  }

  /**
   * The property that a name is probably a misspelling of. Interceptors, serdes and callback
   * handlers have their own properties, so a name that resembles none of Kafka's is accepted.
   *
   * @return Kafka's name; null if Kafka knows the given one, or none resembles it
   */
  static @Nullable String meantBy(String name) {
    if (ALL.contains(name)) {
      return null;
    }
    return Spelling.closest(name, ALL);
  }
}
