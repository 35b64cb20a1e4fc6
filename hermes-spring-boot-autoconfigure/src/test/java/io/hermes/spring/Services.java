package io.hermes.spring;

import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** Application contexts for tests, each in an environment of its own on the shared broker. */
final class Services {

  private Services() {}

  /** A context with Hermes, on a prefix of its own, whose topics are created. */
  static ApplicationContextRunner on(Kafka kafka) {
    return on(kafka, UUID.randomUUID() + ".");
  }

  static ApplicationContextRunner on(Kafka kafka, String prefix) {
    kafka.createTopic(prefix + "user.events", 2);
    return without()
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "hermes.open-timeout=30s", // the machine may have much else to do
            "hermes.topic-prefix=" + prefix);
  }

  /** A context with Hermes and no property. */
  static ApplicationContextRunner without() {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                SslAutoConfiguration.class,
                HealthContributorRegistryAutoConfiguration.class,
                HealthContributorAutoConfiguration.class,
                HermesAutoConfiguration.class,
                HermesHealthAutoConfiguration.class));
  }

  /** What Spring Boot would print about a context that does not start. */
  static FailureAnalysis analysis(@Nullable Throwable failure) {
    return Objects.requireNonNull(
        new HermesFailureAnalyzer().analyze(Objects.requireNonNull(failure)));
  }

  /** The health of a publisher or group. */
  static Health health(ApplicationContext context, String name) {
    HealthIndicator indicator =
        (HealthIndicator) context.getBean(HermesHealth.class).getContributor(name);
    return Objects.requireNonNull(Objects.requireNonNull(indicator, name).health(), name);
  }

  static boolean isUp(ApplicationContext context, String name) {
    return health(context, name).getStatus().equals(Status.UP);
  }

  /** The faults in the health of a publisher or group. */
  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> faults(ApplicationContext context, String name) {
    return (List<Map<String, Object>>)
        Objects.requireNonNull(health(context, name).getDetails().get("faults"));
  }

  static UserEvent event(String user) {
    return UserEvent.newBuilder()
        .setUserId(user)
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  static void await(String what, Callable<Boolean> condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw new AssertionError("Not within 60 s: " + what);
        }
        LockSupport.parkNanos(10_000_000);
      }
    } catch (Exception e) {
      throw new AssertionError(what, e);
    }
  }
}
