package io.hermes.kafka;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Silences INFO lines of Kafka's clients that nobody reads: a hundred lines of configuration and
 * the version of each client, and hundreds of lines a second while an admin client of 4.2 or newer
 * finds no broker. Neither Kafka nor SLF4J has a switch for that, so this class sets the level of
 * those loggers to WARN in the logging backend, by reflection. A level that the user has set for
 * such a logger is kept. Backends other than Logback, Log4j and java.util.logging are left
 * unchanged. Stateless, and safe for any thread.
 */
final class KafkaDumps {

  private static final List<String> LOGGERS =
      List.of(
          "org.apache.kafka.common.config.AbstractConfig",
          "org.apache.kafka.common.utils.AppInfoParser",
          "org.apache.kafka.clients.admin.internals.AdminMetadataManager");

  private KafkaDumps() {}

  /**
   * Called before each client is created, because a backend that reloads its configuration loses
   * these levels.
   */
  static void silence() {
    for (String name : LOGGERS) {
      Logger logger = LoggerFactory.getLogger(name);
      if (logger.isInfoEnabled()) {
        try {
          silence(name, logger);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
          return; // the backend's API has changed; the dumps are a nuisance, not a failure
        }
      }
    }
  }

  private static void silence(String name, Logger logger) throws ReflectiveOperationException {
    ILoggerFactory backend = LoggerFactory.getILoggerFactory();
    switch (backend.getClass().getName()) {
      case "ch.qos.logback.classic.LoggerContext" -> setLevel(logger, "WARN");
      case "org.slf4j.jul.JDK14LoggerFactory" ->
          setLevel(java.util.logging.Logger.getLogger(name), "WARNING");
      case "org.apache.logging.slf4j.Log4jLoggerFactory" -> addToLog4j(name, backend);
      default -> {}
    }
  }

  private static void setLevel(Object logger, String level) throws ReflectiveOperationException {
    Method get = logger.getClass().getMethod("getLevel");
    if (get.invoke(logger) == null) { // otherwise the user has set it
      Class<?> type = get.getReturnType();
      logger.getClass().getMethod("setLevel", type).invoke(logger, type.getField(level).get(null));
    }
  }

  /** In Log4j, levels belong to the configuration, not to the loggers. */
  private static void addToLog4j(String name, ILoggerFactory backend)
      throws ReflectiveOperationException {
    ClassLoader loader = backend.getClass().getClassLoader();
    Class<?> contexts = Class.forName("org.apache.logging.log4j.core.LoggerContext", true, loader);
    Class<?> configurations =
        Class.forName("org.apache.logging.log4j.core.config.Configuration", true, loader);
    Class<?> loggers =
        Class.forName("org.apache.logging.log4j.core.config.LoggerConfig", true, loader);
    Class<?> levels = Class.forName("org.apache.logging.log4j.Level", true, loader);
    Object context =
        Class.forName("org.apache.logging.log4j.LogManager", true, loader)
            .getMethod("getContext", ClassLoader.class, boolean.class)
            .invoke(null, LoggerFactory.class.getClassLoader(), false);
    Object configuration = contexts.getMethod("getConfiguration").invoke(context);
    Object known = configurations.getMethod("getLoggers").invoke(configuration);
    if (known instanceof Map<?, ?> set && !set.containsKey(name)) {
      Object quiet =
          loggers
              .getConstructor(String.class, levels, boolean.class)
              .newInstance(name, levels.getField("WARN").get(null), true);
      configurations
          .getMethod("addLogger", String.class, loggers)
          .invoke(configuration, name, quiet);
      contexts.getMethod("updateLoggers").invoke(context);
    }
  }
}
