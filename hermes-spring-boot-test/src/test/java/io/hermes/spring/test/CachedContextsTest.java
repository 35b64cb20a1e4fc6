package io.hermes.spring.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.spring.test.Components.BilledUsers;
import io.hermes.testkit.Kafka;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;

/** Contexts in Spring's cache share the broker, come back from a pause, and end quietly. */
@Tag("full")
@Timeout(180)
class CachedContextsTest {

  /** Publishes, and waits for the listener. */
  abstract static class Case {

    @Autowired HermesPublisher<UserEvent> publisher;
    @Autowired BilledUsers bills;
    @Autowired Kafka kafka;
    @Autowired ApplicationContext context;

    @Test
    void anEventArrives() throws Exception {
      String user = getClass().getSimpleName();
      publisher.publishAndWait(
          UserEvent.newBuilder().setUserId(user).build(), Duration.ofSeconds(10));
      assertThat(bills.users.poll(30, SECONDS)).isEqualTo(user);
      System.out.println(
          user + " had context " + context.hashCode() + " on " + kafka.bootstrapServers());
    }
  }

  @HermesTest
  @Import(BilledUsers.class)
  static class First extends Case {}

  @HermesTest(properties = "another=context")
  @Import(BilledUsers.class)
  static class Second extends Case {}

  @HermesTest
  @Import(BilledUsers.class)
  static class FirstAgain extends Case {}

  /** Runs these classes in a JVM, as Surefire does. */
  public static void main(String[] args) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                selectClass(First.class), selectClass(Second.class), selectClass(FirstAgain.class))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    listener.getSummary().printFailuresTo(new PrintWriter(System.out, true, UTF_8));
    System.out.println("The tests have ended.");
    System.exit(listener.getSummary().getTestsSucceededCount() == 3 ? 0 : 1);
  }

  @Test
  void theyShareTheBrokerComeBackFromAPauseAndEndQuietly() throws Exception {
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CachedContextsTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(run.getInputStream().readAllBytes(), UTF_8);

    assertThat(run.waitFor()).as(output).isZero();
    List<String> uses = output.lines().filter(line -> line.contains(" had context ")).toList();
    assertThat(uses).as(output).hasSize(3);
    assertThat(uses.stream().map(line -> line.replaceAll(".* on ", "")))
        .containsOnly(uses.get(0).replaceAll(".* on ", ""));
    List<String> contexts = uses.stream().map(CachedContextsTest::context).toList();
    assertThat(contexts.get(0)).isEqualTo(contexts.get(2)).isNotEqualTo(contexts.get(1));
    assertThat(output).doesNotContain("WARN", "ERROR", "Exception", "\tat ");
    assertThat(output.substring(output.indexOf("The tests have ended.")).lines().count())
        .as(output)
        .isLessThan(20);
  }

  private static String context(String use) {
    return use.replaceAll(".* had context (\\S+) on .*", "$1");
  }
}
