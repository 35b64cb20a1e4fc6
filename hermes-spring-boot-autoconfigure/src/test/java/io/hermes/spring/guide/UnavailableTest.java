package io.hermes.spring.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.PublishRejectedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web service answers 503 to what may be tried again, by the guide's advice. */
@Timeout(180)
class UnavailableTest {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
  @Import({Beans.Unavailable.class, Purchases.class})
  static class Application {}

  @RestController
  static class Purchases {

    private final HermesPublisher<UserEvent> publisher;

    Purchases(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    @GetMapping("/now")
    CompletableFuture<Long> buy() {
      return publisher
          .publish(UserEvent.newBuilder().setUserId("u1").build())
          .thenApply(receipt -> receipt.offset());
    }

    @GetMapping("/never")
    long refuse() {
      throw new PublishRejectedException("Too large.", null, null, false, "user.events");
    }
  }

  private static HttpResponse<Void> get(ConfigurableApplicationContext service, String path)
      throws Exception {
    String port = service.getEnvironment().getProperty("local.server.port");
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
  }

  @Test
  void anEventThatCannotBeWrittenNowIs503WithATimeToTryAgainAndAnyOtherIs500() throws Exception {
    try (ConfigurableApplicationContext service =
        new SpringApplicationBuilder(Application.class)
            .properties(
                "server.port=0",
                "hermes.open-timeout=300ms",
                "spring.kafka.bootstrap-servers=localhost:1")
            .run()) {
      HttpResponse<Void> later = get(service, "/now");
      assertThat(later.statusCode()).isEqualTo(503);
      assertThat(later.headers().firstValue("Retry-After")).contains("5");
      assertThat(get(service, "/never").statusCode()).isEqualTo(500);
    }
  }
}
