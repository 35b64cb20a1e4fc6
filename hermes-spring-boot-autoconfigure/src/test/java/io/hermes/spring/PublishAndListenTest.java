package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Handler;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** What a service writes: a publisher that is injected, and methods that are listeners. */
@KafkaTest
@Timeout(180)
class PublishAndListenTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** What arrived where. */
  static final class Seen {
    final List<String> events = new CopyOnWriteArrayList<>();

    void add(String where, UserEvent event) {
      events.add(where + " " + event.getUserId());
    }
  }

  static class Publishers {
    final HermesPublisher<UserEvent> one;
    final HermesPublisher<Message> any;
    final ObjectProvider<HermesPublisher<UserEvent>> provider;

    Publishers(
        HermesPublisher<UserEvent> one,
        HermesPublisher<Message> any,
        ObjectProvider<HermesPublisher<UserEvent>> provider) {
      this.one = one;
      this.any = any;
      this.provider = provider;
    }
  }

  static class Listeners {
    private final Seen seen;

    Listeners(Seen seen) {
      this.seen = seen;
    }

    @HermesListener(group = "event")
    void event(UserEvent event) {
      seen.add("event", event);
    }

    @HermesListener(group = "${listener.group:delivery}", concurrency = 2)
    public void delivery(Delivery<UserEvent> delivery) {
      seen.add("delivery", delivery.event());
    }

    @HermesListener(group = "batch", maxBatch = 10)
    void batch(List<Delivery<UserEvent>> batch) {
      batch.forEach(delivery -> seen.add("batch", delivery.event()));
    }

    @HermesListener(group = "stage")
    CompletionStage<Void> stage(UserEvent event) {
      return CompletableFuture.runAsync(() -> seen.add("stage", event));
    }

    @HermesListener(group = "batch-stage")
    CompletableFuture<Void> batchStage(List<Delivery<UserEvent>> batch) {
      return CompletableFuture.runAsync(
          () -> batch.forEach(delivery -> seen.add("batch-stage", delivery.event())));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Service {

    @Bean
    Seen seen() {
      return new Seen();
    }

    @Bean
    Publishers publishers(
        HermesPublisher<UserEvent> one,
        HermesPublisher<Message> any,
        ObjectProvider<HermesPublisher<UserEvent>> provider) {
      return new Publishers(one, any, provider);
    }

    @Bean
    @Lazy // a listener is there all the same
    Listeners listeners(Seen seen) {
      return new Listeners(seen);
    }

    @Bean
    @HermesListener(group = "handler")
    Handler<UserEvent> handler(Seen seen) {
      return delivery -> seen.add("handler", delivery.event());
    }

    @Bean
    Handler<UserEvent> handlerOfTheDefaultGroup(Seen seen) {
      return delivery -> seen.add("default", delivery.event());
    }
  }

  @Test
  void everyKindOfListenerGetsTheEventsOfEveryKindOfPublisher(Kafka kafka) {
    Services.on(kafka)
        .withUserConfiguration(Service.class)
        .withPropertyValues("spring.kafka.consumer.group-id=default")
        .run(
            context -> {
              Publishers publishers = context.getBean(Publishers.class);
              publishers.one.publishAndWait(Services.event("one"), LONG);
              publishers.any.publishAndWait(Services.event("any"), LONG);
              publishers.provider.getObject().publishAndWait(Services.event("provided"), LONG);
              Seen seen = context.getBean(Seen.class);
              Services.await("all of all", () -> seen.events.size() == 7 * 3);
              for (String where :
                  List.of(
                      "event", "delivery", "batch", "stage", "batch-stage", "handler", "default")) {
                assertThat(seen.events)
                    .contains(where + " one", where + " any", where + " provided");
              }
            });
  }
}
