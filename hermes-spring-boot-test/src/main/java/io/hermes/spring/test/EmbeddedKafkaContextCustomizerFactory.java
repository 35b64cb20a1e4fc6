package io.hermes.spring.test;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;

/** Finds the tests with {@link AutoConfigureEmbeddedKafka}. Called by Spring. */
final class EmbeddedKafkaContextCustomizerFactory implements ContextCustomizerFactory {

  EmbeddedKafkaContextCustomizerFactory() {}

  @Override
  public @Nullable ContextCustomizer createContextCustomizer(
      Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
    return TestContextAnnotationUtils.hasAnnotation(testClass, AutoConfigureEmbeddedKafka.class)
        ? new EmbeddedKafkaContextCustomizer()
        : null;
  }
}
