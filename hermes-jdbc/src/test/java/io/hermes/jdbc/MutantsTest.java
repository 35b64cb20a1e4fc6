package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * The tests must see these faults: each is put into a copy of the sources, and the test that it
 * names has to fail on it. With {@code -Pmutants}.
 */
class MutantsTest {

  private enum Mutant {
    LOCKS_NO_KEY("Database", "WHERE slot = ? FOR UPDATE", "WHERE slot = ?", "H2Test$AnOutbox"),
    LOCKS_NO_KEY_ON_POSTGRESQL(
        "Database", "SELECT pg_advisory_xact_lock(?)", "SELECT ?::bigint", "PostgresTest$AnOutbox"),
    LOCKS_IN_THE_CALLERS_ORDER(
        "Outbox", "ordered.sort(", "new ArrayList<>(entries).sort(", "H2Test$AnOutbox"),
    DELETES_BEFORE_THE_RECEIPT(
        "ShardRelay",
        "BulkResult result = await(",
        "heads.forEach(row -> published.add(row.id())); deletePublished(); BulkResult result ="
            + " await(",
        "ShardRelayTest"),
    TAKES_UNKNOWN_FOR_DONE(
        "ShardRelay",
        "failure == null) {",
        "failure == null || failure instanceof PublishUnknownException) {",
        "ShardRelayTest"),
    GOES_ON_AFTER_A_FAILURE(
        "ShardRelay",
        "pause(row.topic(), failure);\n      return false;",
        "pause(row.topic(), failure);\n      queue.remove();\n      return !queue.isEmpty();",
        "ShardRelayTest"),
    PARKED_ROWS_HOLD_NOTHING(
        "OutboxTable", "(hold ? \" AND \" + HELD : \"\")", "\"\"", "ShardRelayTest"),
    PARKS_WITH_AN_EXPIRED_LEASE(
        "OutboxTable",
        "\" owner = ? AND epoch = ?)\",",
        "\" ? <> '' AND ? > 0)\",",
        "H2Test$AnOutbox"),
    MARKS_OUTSIDE_THE_TRANSACTION(
        "Inbox",
        "return Database.of(connection).mark(connection, consumer, ids);",
        "var marked = Database.of(connection).mark(connection, consumer, ids);"
            + " connection.commit(); return marked;",
        "H2Test$AnInbox");

    private final String file;
    private final String code;
    private final String fault;
    private final String caughtBy;

    Mutant(String file, String code, String fault, String caughtBy) {
      this.file = file;
      this.code = code;
      this.fault = fault;
      this.caughtBy = caughtBy;
    }

    private Path source() {
      return Path.of("src/main/java/io/hermes/jdbc", file + ".java");
    }
  }

  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  /** Or a change of the sources would be noticed only when somebody runs the mutants. */
  @ParameterizedTest
  @EnumSource
  void fitsTheSources(Mutant mutant) throws IOException {
    assertThat(Files.readString(mutant.source())).containsOnlyOnce(mutant.code);
  }

  @Tag("mutants")
  @ParameterizedTest
  @EnumSource
  void isCaught(Mutant mutant) throws Exception {
    assertThat(failures(mutant, mutant.fault)).as("%s survived", mutant).isPositive();
  }

  /** Otherwise a failure would prove nothing. */
  @Tag("mutants")
  @ParameterizedTest
  @EnumSource
  void withoutTheFaultTheTestPasses(Mutant mutant) throws Exception {
    assertThat(failures(mutant, mutant.code)).isZero();
  }

  private long failures(Mutant mutant, String code) throws IOException {
    compile(mutant, code);
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (MutantLoader loader = new MutantLoader(directory)) {
      thread.setContextClassLoader(loader);
      LauncherFactory.create()
          .execute(
              LauncherDiscoveryRequestBuilder.request()
                  .selectors(selector(loader, "io.hermes.jdbc." + mutant.caughtBy))
                  .build(),
              listener);
    } finally {
      thread.setContextClassLoader(before);
    }
    assertThat(listener.getSummary().getTestsStartedCount()).isPositive();
    return listener.getSummary().getTotalFailureCount();
  }

  private static DiscoverySelector selector(ClassLoader loader, String name) {
    int nested = name.indexOf('$');
    return nested < 0
        ? DiscoverySelectors.selectClass(loader, name)
        : DiscoverySelectors.selectNestedClass(loader, List.of(name.substring(0, nested)), name);
  }

  private void compile(Mutant mutant, String code) throws IOException {
    Path patched = directory.resolve(mutant.file + ".java");
    Files.writeString(patched, Files.readString(mutant.source()).replace(mutant.code, code));
    List<String> files = new ArrayList<>(List.of(patched.toString()));
    try (Stream<Path> sources = Files.list(mutant.source().getParent())) {
      sources
          .filter(source -> !source.equals(mutant.source()))
          .forEach(source -> files.add(source.toString()));
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    String classpath = System.getProperty("java.class.path");
    List<String> options =
        List.of("-nowarn", "-proc:none", "-cp", classpath, "-d", directory.toString());
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      var units = manager.getJavaFileObjectsFromStrings(files);
      boolean compiled = compiler.getTask(messages, manager, null, options, null, units).call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }

  /** Reloads this package: the mutant's classes, and the tests with them. */
  private static final class MutantLoader extends URLClassLoader {

    MutantLoader(Path mutant) throws MalformedURLException {
      super(urls(mutant), MutantsTest.class.getClassLoader());
    }

    private static URL[] urls(Path mutant) throws MalformedURLException {
      List<URL> urls = new ArrayList<>(List.of(mutant.toUri().toURL()));
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.hermes.jdbc.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    }
  }
}
