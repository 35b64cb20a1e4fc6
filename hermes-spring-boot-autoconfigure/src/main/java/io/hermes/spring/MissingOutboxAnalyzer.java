package io.hermes.spring;

import java.util.Arrays;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Explains why there is no {@link TransactionalOutbox}. It runs before Spring Boot's own analyzer,
 * which would advise defining one.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MissingOutboxAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

  private final BeanFactory beans;
  private final Environment environment;

  MissingOutboxAnalyzer(BeanFactory beans, Environment environment) {
    this.beans = beans;
    this.environment = environment;
  }

  /** Why there is no outbox, and what to do. */
  private record Reason(String problem, String advice) {}

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, NoSuchBeanDefinitionException cause) {
    ResolvableType missing = cause.getResolvableType();
    if (missing == null
        || cause instanceof NoUniqueBeanDefinitionException
        || !TransactionalOutbox.class.equals(missing.resolve())) {
      return null;
    }
    Reason reason = reason();
    return reason == null
        ? null
        : new FailureAnalysis(
            "A TransactionalOutbox is injected, but " + reason.problem, reason.advice, cause);
  }

  private @Nullable Reason reason() {
    ClassLoader loader = ClassUtils.getDefaultClassLoader();
    if (!ClassUtils.isPresent("io.hermes.jdbc.Outbox", loader)
        || !ClassUtils.isPresent("org.springframework.jdbc.datasource.DataSourceUtils", loader)) {
      return new Reason(
          "hermes-jdbc or spring-jdbc is not on the class path.",
          "Add io.hermes:hermes-jdbc and spring-boot-starter-jdbc or -data-jpa.");
    }
    if (!environment.getProperty("hermes.outbox.enabled", Boolean.class, true)) {
      return new Reason("hermes.outbox.enabled is false.", "Remove that property.");
    }
    if (!(beans instanceof ListableBeanFactory listable)) {
      return null;
    }
    String[] sources = listable.getBeanNamesForType(DataSource.class, true, false);
    return switch (sources.length) {
      case 0 ->
          new Reason(
              "the application does not have a DataSource.",
              "Configure one, for example with spring.datasource.url.");
      case 1 -> null;
      default ->
          new Reason(
              "the application has several DataSource beans and none of them is primary: "
                  + String.join(", ", Arrays.stream(sources).sorted().toList())
                  + ".",
              "Annotate the one that has the tables of the outbox with @Primary.");
    };
  }
}
