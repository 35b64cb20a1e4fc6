package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Programs;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Kafka's clients log when they are made, with each logging backend. */
@Timeout(60)
@Tag("slow")
class KafkaDumpsTest {

  private static final String CONFIGURATION = "org.apache.kafka.common.config.AbstractConfig";
  private static final String VERSION = "org.apache.kafka.common.utils.AppInfoParser";

  private enum Backend {
    LOGBACK(
        "ch.qos.logback.classic.spi.LogbackServiceProvider",
        "logback.configurationFile",
        "logback.xml",
        """
        <configuration>
          <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%level %logger %msg%n</pattern></encoder>
          </appender>
          <logger name="LOGGER" level="LEVEL"/>
          <root level="INFO"><appender-ref ref="OUT"/></root>
        </configuration>
        """),
    LOG4J(
        "org.apache.logging.slf4j.SLF4JServiceProvider",
        "log4j2.configurationFile",
        "log4j2.properties",
        """
        appender.out.type = Console
        appender.out.name = OUT
        appender.out.layout.type = PatternLayout
        appender.out.layout.pattern = %level %logger %msg%n
        rootLogger.level = INFO
        rootLogger.appenderRef.out.ref = OUT
        logger.given.name = LOGGER
        logger.given.level = LEVEL
        """),
    JAVA_UTIL_LOGGING(
        "org.slf4j.jul.JULServiceProvider",
        "java.util.logging.config.file",
        "logging.properties",
        """
        handlers = java.util.logging.ConsoleHandler
        .level = INFO
        LOGGER.level = LEVEL
        """);

    private final String provider;
    private final String property;
    private final String file;
    private final String text;

    Backend(String provider, String property, String file, String text) {
      this.provider = provider;
      this.property = property;
      this.file = file;
      this.text = text;
    }
  }

  @ParameterizedTest
  @EnumSource
  void areSilentUnlessTheUserHasSetTheLevelOfTheirLogger(Backend backend, @TempDir Path directory)
      throws Exception {
    assertThat(log(directory, backend, VERSION, "INFO"))
        .contains("Kafka version:")
        .contains("another logger of Kafka")
        .contains("a warning")
        .doesNotContain("Config values:", "found no broker");
    assertThat(log(directory, backend, CONFIGURATION, "INFO"))
        .contains("ProducerConfig values:", "ConsumerConfig values:", "AdminClientConfig values:")
        .doesNotContain("Kafka version:");
  }

  /** A level for all of Kafka that is higher than WARN is not lowered for these loggers. */
  @Test
  void aLevelThatIsHigherAnywayStays(@TempDir Path directory) throws Exception {
    for (Backend backend : Backend.values()) {
      String severe = backend == Backend.JAVA_UTIL_LOGGING ? "SEVERE" : "ERROR";
      assertThat(log(directory, backend, "org.apache.kafka", severe)).as(backend.name()).isEmpty();
    }
  }

  private static String log(Path directory, Backend backend, String logger, String level)
      throws Exception {
    Path configuration = directory.resolve(backend.file);
    Files.writeString(
        configuration, backend.text.replace("LOGGER", logger).replace("LEVEL", level));
    return Programs.output(
        List.of(
            "-Dslf4j.provider=" + backend.provider,
            "-D" + backend.property + "=" + configuration,
            "-Dslf4j.internal.verbosity=ERROR",
            "-cp",
            System.getProperty("java.class.path")
                + File.pathSeparator
                + Path.of("target", "logging-backends").toAbsolutePath()
                + File.separator
                + "*",
            KafkaDumpsMain.class.getName()));
  }
}
