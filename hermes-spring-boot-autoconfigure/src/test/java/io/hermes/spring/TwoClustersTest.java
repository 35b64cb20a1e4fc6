package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.StartAt;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** One service on two clusters, with the same topic and group on both. */
@Timeout(180)
@SuppressWarnings("NullAway.Init") // JUnit calls start first
@Tag("slow")
class TwoClustersTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static EmbeddedKafka here;

  static final class Service {

    final List<String> seenHere = new CopyOnWriteArrayList<>();
    final List<String> seenInEurope = new CopyOnWriteArrayList<>();
    final HermesPublisher<UserEvent> here;
    final HermesPublisher<UserEvent> europe;

    Service(
        HermesPublisher<UserEvent> here, @HermesCluster("eu") HermesPublisher<UserEvent> europe) {
      this.here = here;
      this.europe = europe;
    }

    @HermesListener(group = "billing")
    void here(UserEvent event) {
      seenHere.add(event.getUserId());
    }

    @HermesListener(group = "billing", cluster = "eu")
    void inEurope(UserEvent event) {
      seenInEurope.add(event.getUserId());
    }

    void assertWorksHere(String user) {
      here.publishAndWait(Services.event(user), LONG);
      Services.await(user, () -> seenHere.contains(user));
    }

    void assertWorksInEurope(String user) {
      europe.publishAndWait(Services.event(user), LONG);
      Services.await(user, () -> seenInEurope.contains(user));
    }
  }

  @BeforeAll
  static void start() {
    here = EmbeddedKafka.start();
  }

  @AfterAll
  static void stop() {
    here.close();
  }

  private static ApplicationContextRunner service(int portOfEurope, String prefix) {
    return Services.without()
        .withBean(Service.class)
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=" + here.bootstrapServers(),
            "hermes.clusters.eu.bootstrap-servers=127.0.0.1:" + portOfEurope,
            "hermes.clusters.eu.properties.session.timeout.ms=10000",
            "hermes.open-timeout=2s",
            "hermes.topic-prefix=" + prefix,
            "hermes.create-topics=true",
            "hermes.publisher.create-topics=true");
  }

  /** What a cluster has, as a client sees that knows only it. */
  private static List<String> stored(String bootstrapServers, String prefix) {
    List<String> users = new ArrayList<>();
    KafkaSettings settings =
        KafkaSettings.of(bootstrapServers).toBuilder().topicPrefix(prefix).build();
    try (HermesReader<UserEvent> reader =
        HermesReader.builder(UserEvent.class)
            .settings(settings)
            .from(StartAt.beginning())
            .toEnd()
            .open()) {
      reader.forEach(found -> users.add(found.event().getUserId()));
    }
    return users;
  }

  private static void assertUp(ApplicationContext context, String... names) {
    for (String name : names) {
      Services.await(name + " is up", () -> Services.isUp(context, name));
    }
  }

  private static void assertDown(ApplicationContext context, String name) {
    Services.await(
        name + " is down",
        () ->
            Services.faults(context, name).stream()
                .anyMatch(fault -> "BROKERS".equals(fault.get("code"))));
    assertThat(Services.isUp(context, name)).isFalse();
  }

  @Test
  void eventsGoToTheClusterThatIsNamedAndComeFromIt() {
    try (EmbeddedKafka europe = EmbeddedKafka.start()) {
      int port = Integer.parseInt(europe.bootstrapServers().replaceFirst(".*:", ""));
      service(port, "both.")
          .run(
              context -> {
                Service service = context.getBean(Service.class);
                service.assertWorksHere("paul");
                service.assertWorksInEurope("petra");
                assertUp(context, "publisher", "publisher-eu", "billing", "billing-eu");
                assertThat(service.seenHere).containsExactly("paul");
                assertThat(service.seenInEurope).containsExactly("petra");
              });
      assertThat(stored(here.bootstrapServers(), "both.")).containsExactly("paul");
      assertThat(stored(europe.bootstrapServers(), "both.")).containsExactly("petra");
    }
  }

  @Test
  void aClusterThatIsDownAtTheStartDoesNotStopTheOtherAndJoinsLater() throws Exception {
    int port = EmbeddedKafka.freePort();
    service(port, "early.")
        .run(
            context -> {
              Service service = context.getBean(Service.class);
              service.assertWorksHere("alone");
              assertDown(context, "billing-eu");
              assertDown(context, "publisher-eu");
              assertUp(context, "publisher", "billing");
              assertThat(service.europe.tryPublish(Services.event("lost")))
                  .failsWithin(Duration.ofSeconds(1));

              try (EmbeddedKafka europe = EmbeddedKafka.builder().port(port).start()) {
                assertUp(context, "publisher-eu", "billing-eu");
                service.assertWorksInEurope("late");
                assertThat(stored(europe.bootstrapServers(), "early.")).containsExactly("late");
              }
            });
  }

  @Test
  @Tag("full")
  void aClusterThatDiesDoesNotStopTheOtherAndComesBack(@TempDir Path data) throws Exception {
    int port = EmbeddedKafka.freePort();
    EmbeddedKafka first = EmbeddedKafka.builder().port(port).dataDir(data).start();
    service(port, "died.")
        .run(
            context -> {
              Service service = context.getBean(Service.class);
              service.assertWorksInEurope("first");
              assertUp(context, "publisher", "publisher-eu", "billing", "billing-eu");

              first.close();
              for (int round = 0; round < 20; round++) {
                service.assertWorksHere("meanwhile " + round);
              }
              assertDown(context, "billing-eu");
              service.assertWorksHere("still");
              assertUp(context, "publisher", "billing");

              try (EmbeddedKafka second =
                  EmbeddedKafka.builder().port(port).dataDir(data).start()) {
                assertUp(context, "publisher-eu", "billing-eu");
                service.assertWorksInEurope("second");
                assertThat(stored(second.bootstrapServers(), "died."))
                    .containsExactly("first", "second");
              }
            });
  }
}
