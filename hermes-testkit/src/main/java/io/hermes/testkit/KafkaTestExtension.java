package io.hermes.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Injects the shared Kafka. It is in JUnit's root store, so JUnit closes it after all tests. */
final class KafkaTestExtension implements ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(KafkaTestExtension.class);

  KafkaTestExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Kafka.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Store store = context.getRoot().getStore(NAMESPACE);
    // JUnit 5 and 6 differ in the store's methods that compute a value, but not in get and put.
    synchronized (KafkaTestExtension.class) {
      SharedKafka shared = store.get(SharedKafka.class, SharedKafka.class);
      if (shared == null) {
        shared = SharedKafka.open(System.getProperty(SharedKafka.PROPERTY, "embedded"));
        store.put(SharedKafka.class, shared);
      }
      return shared.kafka();
    }
  }
}
