package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.DefaultResourceLoader;

/** What Spring Boot prints if a TransactionalOutbox is injected and there is none. */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
class MissingOutboxTest {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Service {
    @Bean
    Object accounts(TransactionalOutbox outbox) {
      return outbox;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @Import(Service.class)
  static class WithTwoSources {
    @Bean
    DataSource orders() {
      return new JdbcDataSource();
    }

    @Bean
    DataSource archive() {
      return new JdbcDataSource();
    }
  }

  private static void start(Class<?> service, @Nullable ClassLoader loader, String... properties) {
    SpringApplication application = new SpringApplication(service);
    application.setWebApplicationType(WebApplicationType.NONE);
    if (loader != null) {
      application.setResourceLoader(new DefaultResourceLoader(loader));
    }
    String[] arguments = new String[properties.length + 1];
    arguments[0] = "--spring.kafka.bootstrap-servers=localhost:1";
    for (int i = 0; i < properties.length; i++) {
      arguments[i + 1] = "--" + properties[i];
    }
    assertThat(catchThrowable(() -> application.run(arguments))).isNotNull();
  }

  @Test
  void severalSourcesAreNamed(CapturedOutput output) {
    start(WithTwoSources.class, null);
    assertThat(output)
        .contains(
            "A TransactionalOutbox is injected, but the application has several DataSource beans"
                + " and none of them is primary: archive, orders.")
        .contains("Annotate the one that has the tables of the outbox with @Primary.");
  }

  @Test
  void aPropertyThatTurnsItOffIsNamed(CapturedOutput output) {
    start(
        Service.class,
        null,
        "hermes.outbox.enabled=false",
        "spring.datasource.url=" + Databases.url());
    assertThat(output).contains("is injected, but hermes.outbox.enabled is false.");
  }

  @Test
  void anApplicationWithoutASourceIsTold(CapturedOutput output) {
    String excluded = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";
    start(Service.class, null, "spring.autoconfigure.exclude=" + excluded);
    assertThat(output)
        .contains("is injected, but the application does not have a DataSource.")
        .contains("spring.datasource.url");
  }

  @Test
  void missingArtifactsAreNamed(CapturedOutput output) {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    ClassLoader without = new FilteredClassLoader("io.hermes.jdbc");
    Thread.currentThread().setContextClassLoader(without);
    try {
      start(Service.class, without);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    assertThat(output)
        .contains("is injected, but hermes-jdbc or spring-jdbc is not on the class path.")
        .contains("Add io.hermes:hermes-jdbc and spring-boot-starter-jdbc or -data-jpa.");
  }
}
