package io.hermes.spring.test;

import io.hermes.testkit.EmbeddedKafka;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Connects a context to the shared broker. All instances are equal, so tests can share a context.
 */
record EmbeddedKafkaContextCustomizer() implements ContextCustomizer {

  @Override
  public void customizeContext(
      ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
    EmbeddedKafka kafka = SharedBroker.get();
    ConfigurableEnvironment environment = context.getEnvironment();
    Map<String, Object> properties = new LinkedHashMap<>();
    for (String role : new String[] {"", "producer.", "consumer."}) {
      connect("spring.kafka." + role, kafka, properties);
    }
    Binder.get(environment)
        .bind("hermes.clusters", Bindable.mapOf(String.class, Object.class))
        .ifBound(
            clusters ->
                clusters
                    .keySet()
                    .forEach(name -> connect("hermes.clusters." + name + ".", kafka, properties)));
    properties.put("hermes.topic-prefix", "test-" + UUID.randomUUID() + ".");
    properties.put("hermes.create-topics", "true");
    properties.put("hermes.publisher.create-topics", "true");
    environment.getPropertySources().addFirst(new MapPropertySource("embeddedKafka", properties));
    context.getBeanFactory().registerSingleton("embeddedKafka", kafka);
  }

  private static void connect(String prefix, EmbeddedKafka kafka, Map<String, Object> properties) {
    properties.put(prefix + "bootstrap-servers", kafka.bootstrapServers());
    properties.put(prefix + "security.protocol", "PLAINTEXT");
  }
}
