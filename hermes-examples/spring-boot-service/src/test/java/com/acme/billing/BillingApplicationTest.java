package com.acme.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@KafkaTest
@ExtendWith(OutputCaptureExtension.class)
@Timeout(90)
class BillingApplicationTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void aPurchaseIsBilledInTheTraceOfItsRequest(Kafka kafka, CapturedOutput output)
      throws Exception {
    try (var context = start(kafka)) {
      assertThat(post(context, "/users/user-123/purchases")).matches("\\d+"); // the offset
      var database = context.getBean(JdbcClient.class);
      var bills = database.sql("SELECT user_id FROM bill").query(String.class);
      await(() -> bills.list().contains("user-123") && output.toString().contains("billed"));
      assertThat(output.toString().lines().filter(line -> line.contains("billed user-123")))
          .singleElement()
          .asString()
          .contains(TRACE);

      await(() -> get(context, "/actuator/health/readiness").contains("\"status\":\"UP\""));
      assertThat(get(context, "/actuator/health/readiness"))
          .contains("\"hermes\":{", "\"billing\":{", "\"publisher\":{");
      for (String meter :
          List.of(
              "hermes_publish_seconds_count{",
              "hermes_handle_seconds_count{", // once the attempt that has billed is over
              "hermes_subscriber_lag_records{")) { // once it was measured
        await(() -> get(context, "/actuator/prometheus").contains(meter));
      }
    }
  }

  @Test
  void anAccountAndItsEventAreOneTransactionAndABillIsWrittenOnce(Kafka kafka) throws Exception {
    try (var context = start(kafka)) {
      var database = context.getBean(JdbcClient.class);
      post(context, "/users/alice");
      await(() -> bills(database, "alice") == 1);
      assertThat(post(context, "/users/alice")).contains("\"status\":500"); // there is one already

      try (var publisher =
          HermesPublisher.builder(UserEvent.class)
              .settings(KafkaSettings.of(kafka.bootstrapServers()))
              .open()) {
        publisher.publishAll(List.of(login("e-1"), login("e-1"), login("e-2"))).join();
      }
      await(() -> bills(database, "bob") >= 2); // e-2 comes last, since it has the same key
      assertThat(bills(database, "bob")).isEqualTo(2);
      assertThat(bills(database, "alice")).isEqualTo(1);
      await(() -> database.sql("SELECT id FROM hermes_outbox").query().listOfRows().isEmpty());
    }
  }

  private static UserEvent login(String id) {
    return UserEvent.newBuilder().setEventId(id).setUserId("bob").build();
  }

  private static long bills(JdbcClient database, String user) {
    String sql = "SELECT COUNT(*) FROM bill WHERE user_id = ?";
    return database.sql(sql).param(user).query(Long.class).single();
  }

  private static ConfigurableApplicationContext start(Kafka kafka) {
    return SpringApplication.run(
        BillingApplication.class,
        "--server.port=0",
        "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers());
  }

  private String post(ConfigurableApplicationContext context, String path) throws Exception {
    return send(
        request(context, path)
            .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  private String get(ConfigurableApplicationContext context, String path) throws Exception {
    return send(request(context, path));
  }

  private static HttpRequest.Builder request(ConfigurableApplicationContext context, String path) {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString()).body();
  }

  /** A condition of a test. */
  private interface Condition {
    boolean holds() throws Exception;
  }

  /** Asks until it holds; the test's time limit ends that. */
  private static void await(Condition condition) throws Exception {
    while (!condition.holds()) {
      Thread.sleep(50);
    }
  }

  /** Spring Boot's choice, which the build of Hermes compares with what it expects. */
  @Test
  void saysWhatItRunsOn() throws Exception {
    for (Class<?> type : new Class<?>[] {Producer.class, Message.class, Logger.class}) {
      var jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      System.out.println("runs on " + jar.getFileName());
    }
  }
}
