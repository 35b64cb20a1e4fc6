package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.PublishRejectedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.EmbeddedKafka;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A service whose Kafka is not there when it starts, comes, dies and comes back. */
@Tag("full")
@Timeout(180)
@SuppressWarnings("try") // a service that is closed earlier
class OutageTest {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
  static class Service {

    final List<String> seen = new CopyOnWriteArrayList<>();

    @Bean
    Publishing publishing(HermesPublisher<UserEvent> publisher) {
      return new Publishing(publisher);
    }

    @HermesListener(group = "billing")
    void handle(UserEvent event) {
      seen.add(event.getUserId());
    }
  }

  record Publishing(HermesPublisher<UserEvent> publisher) {}

  private static EmbeddedKafka broker(int port, Path data) {
    return EmbeddedKafka.builder().port(port).dataDir(data).start();
  }

  /** The status of a health group, with its body. */
  private record Health(int status, String body) {

    static Health of(ConfigurableApplicationContext service, String group) throws Exception {
      String port = service.getEnvironment().getProperty("local.server.port");
      URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/health/" + group);
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      return new Health(response.statusCode(), response.body());
    }

    boolean isUp() {
      return status == 200 && body.contains("\"status\":\"UP\"");
    }

    boolean isDown() {
      return status == 503 && body.contains("\"status\":\"DOWN\"");
    }
  }

  private static void awaitReady(ConfigurableApplicationContext service) {
    Services.await("ready", () -> Health.of(service, "readiness").isUp());
  }

  private static void assertAliveAndNotReady(ConfigurableApplicationContext service, String code)
      throws Exception {
    assertThat(Health.of(service, "liveness").isUp()).isTrue();
    Health readiness = Health.of(service, "readiness");
    assertThat(readiness.isDown()).as(readiness.toString()).isTrue();
    Health hermes = Health.of(service, "hermes");
    assertThat(hermes.isDown()).as(hermes.body()).isTrue();
    assertThat(hermes.body()).contains("\"code\":\"" + code + "\"").contains("\"billing\"");
  }

  @Test
  void startsWithoutABrokerAndReadinessFollowsTheBroker(@TempDir Path data) throws Exception {
    int port = EmbeddedKafka.freePort();
    try (ConfigurableApplicationContext service =
        SpringApplication.run(
            Service.class,
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--management.endpoint.health.show-details=always",
            "--hermes.open-timeout=5s",
            "--hermes.publisher.create-topics=true",
            "--spring.kafka.properties.session.timeout.ms=10000",
            "--spring.kafka.bootstrap-servers=127.0.0.1:" + port)) {
      HermesPublisher<UserEvent> publisher = service.getBean(Publishing.class).publisher();
      assertRejectedAsRetryable(publisher.tryPublish(Services.event("early")));
      assertRejectedAsRetryable(publisher.publish(Services.event("early")));
      Services.await(
          "the first attempts have failed",
          () -> Health.of(service, "hermes").body().contains("BROKERS"));
      assertAliveAndNotReady(service, "BROKERS");

      EmbeddedKafka first = broker(port, data);
      awaitReady(service);
      publisher.publishAndWait(Services.event("first"), Duration.ofSeconds(20));
      List<String> seen = service.getBean(Service.class).seen;
      Services.await("handled", () -> seen.contains("first"));

      first.close();
      Services.await("noticed", () -> Health.of(service, "hermes").body().contains("BROKERS"));
      assertAliveAndNotReady(service, "BROKERS");

      try (EmbeddedKafka second = broker(port, data)) {
        awaitReady(service);
        publisher.publishAndWait(Services.event("second"), Duration.ofSeconds(20));
        Services.await("handled", () -> seen.contains("second"));
        // The first may come twice: its commit may not have reached the broker that was closed.
        assertThat(seen.stream().distinct()).containsExactly("first", "second");
        assertThat(second.bootstrapServers()).isNotEmpty();
        service.close();
      }
    }
  }

  private static void assertRejectedAsRetryable(CompletableFuture<?> future) {
    Throwable failure =
        future
            .handle((done, thrown) -> thrown)
            .orTimeout(30, java.util.concurrent.TimeUnit.SECONDS)
            .join();
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    assertThat(cause)
        .isInstanceOfSatisfying(
            PublishRejectedException.class, rejected -> assertThat(rejected.isRetryable()).isTrue())
        .hasMessageStartingWith("Not written to user.events. The publisher is not connected");
  }
}
