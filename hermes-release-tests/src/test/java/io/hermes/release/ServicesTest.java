package io.hermes.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services of others, which have nothing of Hermes but what was published. */
@Tag("full")
class ServicesTest {

  /** Of JVMs that end soon, as in Hermes' own build. */
  private static final String FLAGS = "-Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1";

  private static final Path EXAMPLES = Sources.ROOT.resolve("hermes-examples");

  private static final String CLASS_PATH =
      "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath";

  private final Release release = Release.published();

  private final Path folder;

  ServicesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeEach
  void nothingOfHermesIsInALocalRepository() {
    Sources.delete(release.maven().localRepository().resolve("io/hermes"));
    assertThat(Path.of(System.getProperty("hermes.maven.repository"), "io/hermes/hermes-client"))
        .satisfies(others -> assertThat(others.resolve(Release.VERSION)).doesNotExist());
  }

  @Test
  void aServiceWithTheBomPublishesAndSubscribesAndRunsTheReadmesSnippets() throws IOException {
    Path service = copy("consumer-service");
    Path snippets = Path.of("src/test/java/io/hermes/examples/readme");
    Files.createDirectories(service.resolve(snippets));
    for (String test : List.of("BillingTest.java", "ReadmeSnippetsTest.java")) {
      Path file = snippets.resolve(test);
      Files.copy(EXAMPLES.resolve(file), service.resolve(file));
    }

    String output =
        maven(
            service,
            "-Dtest=AccountServiceTest,BillingTest,ReadmeSnippetsTest",
            "test",
            CLASS_PATH,
            "-DincludeScope=runtime",
            "-Dmdep.outputFile=class-path.txt");

    assertThat(output).contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");
    assertThat(Files.readString(service.resolve("class-path.txt")).trim().split(":"))
        .extracting(jar -> Path.of(jar).getFileName().toString().replaceFirst("-[0-9].*", ""))
        .containsExactlyInAnyOrder(
            "hermes-client",
            "hermes-contract",
            "hermes-schema",
            "kafka-clients",
            "protobuf-java",
            "zstd-jni",
            "slf4j-api",
            "jspecify",
            // These two are what kafka-clients needs.
            "lz4-java",
            "snappy-java");
    assertThat(release.maven().localRepository().resolve("io/hermes/hermes-client"))
        .isDirectoryRecursivelyContaining("glob:**/hermes-client-" + Release.VERSION + ".jar");
  }

  @Test
  void theDependenciesOfTheReadmeAreEnoughForItsTest() throws IOException {
    Path service = copy("consumer-service");
    Sources.delete(service.resolve("src"));
    Path test = Path.of("src/test/java/io/hermes/examples/readme/BillingTest.java");
    Files.createDirectories(service.resolve(test).getParent());
    Files.copy(EXAMPLES.resolve(test), service.resolve(test));
    Path file = service.resolve("pom.xml");
    String pom = Files.readString(file);
    int from = pom.indexOf("  <dependencyManagement>");
    int to = pom.indexOf("  <build>");
    String readme = Files.readString(Sources.ROOT.resolve("README.md"));
    int start = readme.indexOf("<dependencyManagement>");
    String dependencies =
        readme
            .substring(start, readme.indexOf("```", start))
            .replace(">" + System.getProperty("hermes.version") + "<", ">" + Release.VERSION + "<");
    Files.writeString(file, pom.substring(0, from) + dependencies + pom.substring(to));

    assertThat(maven(service, "test")).contains("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0");
  }

  @Test
  void itWorksOnTheVersionsThatSpringBootManages() {
    assertRunsOnSpringBootsVersions(copy("spring-boot-service"));
  }

  @Test
  void itWorksOnTheVersionsThatSpringBootManagesAlsoWithTheHermesBomFirst() throws IOException {
    Path service = copy("spring-boot-service");
    Path file = service.resolve("pom.xml");
    String pom = Files.readString(file);
    int springBoot = pom.indexOf("      <dependency>");
    int hermes = pom.indexOf("      <dependency>", springBoot + 1);
    int end = pom.indexOf("    </dependencies>");
    String imports = pom.substring(hermes, end) + pom.substring(springBoot, hermes);
    assertThat(imports).containsSubsequence("hermes-bom", "spring-boot-dependencies");
    Files.writeString(file, pom.substring(0, springBoot) + imports + pom.substring(end));

    assertRunsOnSpringBootsVersions(service);
  }

  /** Spring Boot 4.1.2's own. */
  private void assertRunsOnSpringBootsVersions(Path service) {
    assertThat(maven(service, "test"))
        .contains("runs on kafka-clients-4.2.2.jar")
        .contains("runs on protobuf-java-4.36.2.jar")
        .contains("runs on slf4j-api-2.0.20.jar")
        .contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");
  }

  /**
   * The starter's own tests, with what was published, which was compiled with another version of
   * Spring Boot. Those tagged full have been run with the oldest, as have the tests of documents.
   */
  @Test
  void theStartersTestsPassOnTheNewestSpringBootAndJdk25() throws IOException {
    Path service = copy("spring-boot-service");
    Sources.delete(service.resolve("src"));
    Path tests = Path.of("src/test/java/io/hermes/spring");
    Path from = Sources.ROOT.resolve("hermes-spring-boot-autoconfigure").resolve(tests);
    Files.createDirectories(service.resolve(tests));
    List<String> names =
        List.of(
            "ListenerErrorsTest",
            "ObservabilityTest",
            "PropertiesTest",
            "PublishAndListenTest",
            "ReadinessTest",
            "RestartTest",
            "SslBundleTest",
            "SslBundleReloadTest",
            "TwoClustersTest");
    List<String> files = new ArrayList<>(List.of("Identity", "SecureService", "Services"));
    files.addAll(names);
    for (String file : files) {
      Files.copy(from.resolve(file + ".java"), service.resolve(tests).resolve(file + ".java"));
    }
    Path file = service.resolve("pom.xml");
    String pom = Files.readString(file);
    Files.writeString(
        file,
        pom.replace(
            "  </dependencies>\n\n  <build>",
            """
                <dependency>
                  <groupId>org.springframework.boot</groupId>
                  <artifactId>spring-boot-kafka</artifactId>
                  <scope>test</scope>
                </dependency>
              </dependencies>

              <build>"""));

    assertThat(
            maven(
                service,
                "test",
                "-Dtest=" + String.join(",", names),
                "-DexcludedGroups=full",
                "-Djvm=" + System.getProperty("hermes.jdk25") + "/bin/java"))
        .containsPattern("Tests run: [6-9]\\d, Failures: 0, Errors: 0, Skipped: 0");
  }

  /** Spring Boot 4.0.7 manages it. */
  @Test
  void itWorksOnTheOldestKafkaClientsThatIsSupported() {
    assertThat(maven(copy("spring-boot-service"), "test", "-Dspring-boot.version=4.0.7"))
        .contains("runs on kafka-clients-4.1.2.jar")
        .contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");
  }

  @Test
  void anOlderKafkaClientsIsRefusedAtTheStart() throws IOException {
    Path service = copy("spring-boot-service");
    Maven.Result run =
        runBilling(service, Map.of("KAFKA_BROKER", "localhost:1"), "-Dkafka.version=4.1.1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output())
        .contains("APPLICATION FAILED TO START")
        .contains("kafka-clients has version 4.1.1, but Hermes needs 4.1.2 or newer")
        .contains("with Spring Boot, set the property kafka.version")
        .doesNotContain("ExceptionInInitializerError")
        .doesNotContain("NoClassDefFoundError")
        .doesNotContain("\tat ");
  }

  @Test
  void springBootsServiceUsesTheSecurityOfTheEnvironment() throws IOException {
    Map<String, String> environment =
        Map.of("KAFKA_BROKER", "localhost:1", "KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
    Maven.Result run = runBilling(copy("spring-boot-service"), environment);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output())
        .contains("APPLICATION FAILED TO START", "KAFKA_SASL_MECHANISM is not set");
  }

  /** Listeners and publishers are found, without a broker, and SIGTERM ends the service. */
  @Test
  void whatSpringProcessedAheadOfTimeRuns() throws IOException {
    Path service = copy("spring-boot-service");
    maven(service, "package", "-Dmaven.test.skip=true");

    Maven.Result run =
        Maven.executeUntil(
            service,
            Map.of("KAFKA_BROKER", "localhost:1"),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dspring.aot.enabled=true",
                "-jar",
                "target/billing-1.jar",
                "--server.port=0",
                "--logging.level.org.apache.kafka=error"),
            List.of(
                "Starting AOT-processed BillingApplication",
                "Started BillingApplication",
                "Publisher of [user.events]: cannot connect and keeps trying",
                "Group billing: cannot connect and keeps trying"));

    assertThat(run.exitCode()).isEqualTo(128 + 15); // SIGTERM
    assertThat(run.output()).contains("HikariPool-1 - Shutdown completed");
  }

  /** As docs/integration.md says; "no broker" is as far as it gets, with all classes and zstd. */
  @Test
  void aModularServiceRunsOnTheModulePath() throws IOException {
    Path service = copy("consumer-service");
    Sources.delete(service.resolve("src"));
    write(
        service.resolve("src/main/java/module-info.java"),
        """
        module com.acme.modular {
          requires io.hermes.client;
          requires io.hermes.schema;
          requires com.github.luben.zstd_jni;
          requires org.slf4j;
        }
        """);
    write(
        service.resolve("src/main/java/com/acme/modular/Main.java"),
        """
        package com.acme.modular;

        import io.hermes.BrokerUnavailableException;
        import io.hermes.events.v1.UserEvent;
        import io.hermes.publish.HermesPublisher;

        public final class Main {
          public static void main(String[] args) {
            System.out.println(Main.class.getModule());
            try (var publisher = HermesPublisher.builder(UserEvent.class).open()) {
              System.out.println("open");
            } catch (BrokerUnavailableException e) {
              System.out.println("no broker");
            }
          }
        }
        """);
    maven(
        service,
        "compile",
        CLASS_PATH,
        "-DincludeScope=runtime",
        "-Dmdep.outputFile=class-path.txt");

    Maven.Result run =
        Maven.execute(
            service,
            Map.of("KAFKA_BROKER", "localhost:1"),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                "target/classes:" + Files.readString(service.resolve("class-path.txt")).trim(),
                "--module",
                "com.acme.modular/com.acme.modular.Main"));

    assertThat(run.output()).contains("module com.acme.modular", "no broker");
    assertThat(run.exitCode()).isZero();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Maven.Result runBilling(Path service, Map<String, String> environment, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of(
            "compile", CLASS_PATH, "-DincludeScope=runtime", "-Dmdep.outputFile=class-path.txt"));
    maven(service, arguments.toArray(String[]::new));
    return Maven.execute(
        service,
        environment,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            "target/classes:" + Files.readString(service.resolve("class-path.txt")),
            "com.acme.billing.BillingApplication"));
  }

  private Path copy(String example) {
    return Sources.copy(EXAMPLES.resolve(example), folder.resolve("service"), Release.VERSION);
  }

  private String maven(Path service, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("-DargLine=" + FLAGS);
    return release.maven().run(service, Map.of("MAVEN_OPTS", FLAGS), all);
  }
}
