package io.hermes.cli.outbox;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.cli.console.Units;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The database of an outbox. Neither its name nor its errors contain a password, wherever that was
 * given. Immutable.
 */
final class OutboxDatabase {

  private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern SECRET = Pattern.compile("(?i)[?&;](?:password|pwd|pass)=([^&;]*)");
  private static final int SHORTEST_SECRET = 4; // a shorter one would match parts of words

  private final String url;
  private final String name;
  private final Properties properties = new Properties();
  private final List<String> secrets = new ArrayList<>();
  private final List<Path> classPath;

  /**
   * A database.
   *
   * @param url its JDBC URL
   * @param user null if the URL contains it
   * @param password null if the URL contains it, or none is needed
   * @param classPath where to find drivers, besides this program's own
   */
  OutboxDatabase(
      String url, @Nullable String user, @Nullable String password, List<Path> classPath) {
    this.url = url;
    this.name = withoutSecrets(url);
    this.classPath = classPath;
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
      secrets.add(password);
    }
    Matcher secret = SECRET.matcher(url);
    while (secret.find()) {
      secrets.add(secret.group(1));
      secrets.add(decoded(secret.group(1)));
    }
    secrets.removeIf(one -> one.length() < SHORTEST_SECRET);
  }

  /** Removes the properties, and everything before the host. */
  private static String withoutSecrets(String url) {
    String place = url.split("[?;]", 2)[0];
    int beforeHost = place.lastIndexOf('@');
    int afterScheme = place.indexOf(':', "jdbc:".length());
    return beforeHost < 0
        ? place
        : place.substring(0, Math.max(0, afterScheme)) + "://" + place.substring(beforeHost + 1);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** The URL without user, password and properties. */
  String name() {
    return name;
  }

  /**
   * Connects, in auto-commit mode.
   *
   * @throws SettingsException if there is no driver
   * @throws HermesException if the database does not respond in time, or rejects the connection
   */
  Connection connect() {
    CompletableFuture<Connection> connecting = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                connecting.complete(connectNow());
              } catch (SQLException | RuntimeException | Error e) {
                connecting.completeExceptionally(e);
              }
            },
            "hermes-jdbc-connect");
    thread.setDaemon(true); // not every driver has its own timeout
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
    try {
      Connection connection = connecting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      limit(connection);
      return connection;
    } catch (TimeoutException e) {
      throw new HermesException(
          "%s did not respond within %s.".formatted(name, Units.duration(PATIENCE)),
          "Check that the database is running, and --jdbc-url or HERMES_JDBC_URL.",
          null,
          true);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw failure(cause);
      }
      if (e.getCause() instanceof HermesException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HermesException("Interrupted while connecting to " + name + ".", e, true);
    }
  }

  private Connection connectNow() throws SQLException {
    DRIVER_LOG.setLevel(Level.OFF); // it would write to standard error what its exceptions say
    try {
      for (Driver driver : ServiceLoader.load(Driver.class, drivers())) {
        Connection connection = driver.connect(url, properties);
        if (connection != null) {
          return connection;
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new SettingsException("A JDBC driver cannot be loaded: " + e.getMessage(), e);
    }
    throw new SettingsException(
        "There is no driver for %s. PostgreSQL's is built in.".formatted(name),
        "For another database, name the jar of its driver in HERMES_CLASSPATH or --classpath.",
        null);
  }

  /** The class loader is never closed: a connection may load more of its driver's classes later. */
  private ClassLoader drivers() {
    ClassLoader own = Thread.currentThread().getContextClassLoader();
    if (classPath.isEmpty()) {
      return own;
    }
    List<URL> places = new ArrayList<>();
    for (Path path : classPath) {
      try {
        places.add(path.toUri().toURL());
      } catch (MalformedURLException e) {
        throw new SettingsException(path + " cannot be on a class path.", e);
      }
    }
    return new URLClassLoader(places.toArray(URL[]::new), own);
  }

  /** Sets a timeout, so that a database that stops responding ends the command. */
  private static void limit(Connection connection) {
    try {
      connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
    } catch (SQLException | AbstractMethodError e) {
      // the driver does not support timeouts
    }
  }

  private HermesException failure(SQLException cause) {
    String message = withoutSecretsOf(String.valueOf(cause.getMessage()).strip());
    String state = String.valueOf(cause.getSQLState());
    boolean ofUser = state.startsWith("28");
    return new HermesException(
        (ofUser ? "%s rejects the user: %s" : "Cannot connect to %s: %s")
            .formatted(name, message.endsWith(".") ? message : message + "."),
        ofUser
            ? "Check --jdbc-user and the variable HERMES_JDBC_PASSWORD."
            : "Check --jdbc-url or HERMES_JDBC_URL, and that the database is running.",
        isSafe(cause) ? cause : null);
  }

  private String withoutSecretsOf(String message) {
    String text = message.replace(url, name);
    for (String secret : secrets) {
      text = text.replace(secret, "***");
    }
    return text;
  }

  /** Whether a stack trace contains no secrets, and so may be shown. */
  private boolean isSafe(Throwable failure) {
    for (Throwable one = failure; one != null; one = one.getCause()) {
      String text = one.toString();
      if (!withoutSecretsOf(text).equals(text)) {
        return false;
      }
    }
    return true;
  }
}
