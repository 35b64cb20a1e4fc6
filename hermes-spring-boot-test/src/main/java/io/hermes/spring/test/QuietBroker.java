package io.hermes.spring.test;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Makes Kafka log only errors, unless the application sets these levels. A broker in the tests' JVM
 * would log hundreds of lines, and warnings when it starts and stops. Spring Boot calls this class
 * before it sets up logging.
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
