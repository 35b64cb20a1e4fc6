package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.jdbc.Outbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published jar, alone in a folder, as another service uses it. */
class StandaloneIT {

  private static final String JAR =
      Objects.requireNonNull(System.getProperty("hermes.standalone.jar"));

  private final Path temp;

  StandaloneIT(@TempDir Path temp) {
    this.temp = temp;
  }

  @Test
  void saysWhatItIs() throws Exception {
    assertThat(hermes("--version")).contains("hermes " + System.getProperty("hermes.version"));
    assertThat(hermes("--help")).contains("Usage: hermes ", "consume", "Exit codes:");
    assertThat(hermes("schema", "list")).contains("user.events");
  }

  @Test
  void runsABrokerAndHasAllThatTheClientNeeds() throws Exception {
    assertThat(hermes("demo"))
        .contains("Publishing the sample events", "==> Done.")
        .doesNotContain("SLF4J");
  }

  @Test
  void readsTheContractsOfTheServiceThatUsesIt() throws Exception {
    Acme.jar(temp.resolve("acme.jar"), Acme.descriptors());
    assertThat(hermes("schema", "show", "ParcelShipped", "--classpath", "acme.jar"))
        .contains("parcels.shipped");
  }

  @Test
  void takesTheDriverOfAnotherDatabaseFromTheClassPath() throws Exception {
    String url = "jdbc:h2:" + temp.resolve("orders");
    try (Connection connection = DriverManager.getConnection(url)) {
      Outbox.createTables(connection);
    }
    Path driver =
        Path.of(org.h2.Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    assertThat(hermes("outbox", "list", "--jdbc-url", url, "--classpath", driver.toString()))
        .contains("pending  0", "parked   0");
  }

  @Test
  void hasEveryProviderAndNoSignatureOfWhatItContains() throws Exception {
    try (JarFile jar = new JarFile(JAR)) {
      String levels = "META-INF/services/com.fasterxml.jackson.core.JsonFactory";
      try (var in = jar.getInputStream(jar.getEntry(levels))) {
        assertThat(new String(in.readAllBytes(), UTF_8))
            .contains("YAMLFactory", "CsvFactory", ".JsonFactory");
      }
      try (var in = jar.getInputStream(jar.getEntry("META-INF/services/java.sql.Driver"))) {
        assertThat(new String(in.readAllBytes(), UTF_8)).contains("org.postgresql.Driver");
      }
      assertThat(jar.stream().map(entry -> entry.getName()))
          .noneMatch(name -> name.matches("META-INF/[^/]+\\.(SF|RSA|DSA)"))
          .contains("META-INF/LICENSE", "META-INF/NOTICE", "META-INF/hermes/hermes-schema.binpb");
    }
  }

  private String hermes(String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR));
    command.addAll(List.of(args));
    Path out = temp.resolve("out");
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().remove("HERMES_CLASSPATH");
    Process process = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
    process.getOutputStream().close();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(out);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }
}
