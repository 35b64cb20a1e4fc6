package io.hermes.spring.test;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Has Kafka log errors only, unless the application sets these levels: a broker in the tests' JVM
 * writes hundreds of lines, and warns of its own start and end. Spring Boot calls it before it sets
 * up logging.
 */
final class QuietBroker implements EnvironmentPostProcessor {

  private static final Map<String, Object> LEVELS =
      Map.of(
          "logging.level.kafka", "error",
          "logging.level.org.apache.kafka", "error",
          "logging.level.state.change.logger", "error");

  QuietBroker() {}

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    environment.getPropertySources().addLast(new MapPropertySource("quietBroker", LEVELS));
  }
}
