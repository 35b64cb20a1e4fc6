package io.hermes.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Injects the shared Kafka. It is in the root store, so JUnit closes it after all tests. */
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
    // The store's methods that compute a value differ between JUnit 5 and 6; get and put do not.
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
