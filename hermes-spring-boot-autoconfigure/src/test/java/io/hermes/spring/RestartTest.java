package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A context that stops and starts again, and what is injected late. */
@KafkaTest
@Timeout(180)
class RestartTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @Configuration(proxyBeanMethods = false)
  static class Service {

    final List<String> seen = new CopyOnWriteArrayList<>();
    final ObjectProvider<HermesPublisher<OrderPlaced>> orders;

    Service(ObjectProvider<HermesPublisher<OrderPlaced>> orders) {
      this.orders = orders;
    }

    @HermesListener(group = "restarted")
    void listen(UserEvent event) {
      seen.add(event.getUserId());
    }

    @Bean
    Publishing publishing(HermesPublisher<UserEvent> publisher) {
      return new Publishing(publisher);
    }
  }

  record Publishing(HermesPublisher<UserEvent> publisher) {}

  private static ManagedSubscriber subscriber(ApplicationContext context) {
    return Objects.requireNonNull(context.getBean(HermesSubscribers.class).all().get("restarted"));
  }

  @Test
  void listenersGoOnAfterAStopAndAStartWhereTheyWere(Kafka kafka) {
    Services.on(kafka)
        .withUserConfiguration(Service.class)
        .run(
            context -> {
              Service service = context.getBean(Service.class);
              HermesPublisher<UserEvent> publisher = context.getBean(Publishing.class).publisher();
              publisher.publishAndWait(Services.event("before"), LONG);
              Services.await("the first event", () -> service.seen.size() == 1);

              context.stop();
              ManagedSubscriber subscriber = subscriber(context);
              assertThat(subscriber.isReady()).isFalse();
              publisher.publishAndWait(Services.event("between"), LONG);
              context.start();
              publisher.publishAndWait(Services.event("after"), LONG);

              Services.await("all events", () -> service.seen.size() == 3);
              assertThat(service.seen).containsExactlyInAnyOrder("before", "between", "after");
              Services.await("it is ready again", subscriber::isReady);
              assertThat(context.getBean(ShutdownBudget.class).ofPublishers())
                  .isGreaterThan(Duration.ofSeconds(25));
            });
  }

  @Test
  void aSubscriberThatDoesNotStartItselfIsStartedPausedAndResumed(Kafka kafka) {
    Services.on(kafka)
        .withUserConfiguration(Service.class)
        .withPropertyValues("hermes.subscribers.restarted.auto-startup=false")
        .run(
            context -> {
              HermesSubscribers subscribers = context.getBean(HermesSubscribers.class);
              assertThat(Services.health(context, "restarted").getStatus())
                  .isEqualTo(Status.UNKNOWN);
              subscribers.start("restarted");
              Services.await("up", () -> Services.isUp(context, "restarted"));
              subscribers.start("restarted"); // no harm

              subscribers.subscriber("restarted").pause();
              context
                  .getBean(Publishing.class)
                  .publisher()
                  .publishAndWait(Services.event("a"), LONG);
              for (int poll = 0; poll < 3; poll++) { // one of them would receive it
                awaitPoll(subscribers.subscriber("restarted"));
              }
              assertThat(context.getBean(Service.class).seen).isEmpty();
              subscribers.subscriber("restarted").resume();
              Services.await("handled", () -> !context.getBean(Service.class).seen.isEmpty());
              assertThatThrownBy(() -> subscribers.start("other"))
                  .hasMessage("There is no subscriber other. Name one of [restarted].");
            });
  }

  private static void awaitPoll(HermesSubscriber subscriber) {
    long nowNs = System.nanoTime();
    Services.await(
        "another poll",
        () -> subscriber.health().sinceLastPoll().toNanos() < System.nanoTime() - nowNs);
  }

  @Test
  void missingTopicsOfListenersAreCreatedIfAPropertySaysSo(Kafka kafka) {
    Services.without()
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "hermes.topic-prefix=" + UUID.randomUUID() + ".",
            "hermes.create-topics=true",
            "hermes.publisher.create-topics=false")
        .withUserConfiguration(Service.class)
        .run(context -> Services.await("the listener is ready", subscriber(context)::isReady));
  }

  @Test
  void aTypeThatIsInjectedLateHasOnePublisher(Kafka kafka) {
    Services.on(kafka)
        .withUserConfiguration(Service.class)
        .run(
            context -> {
              Service service = context.getBean(Service.class);
              assertThat(service.orders.getObject().config())
                  .isSameAs(service.orders.getObject().config());
              assertThat(context.getBean(HermesPublishers.class).all()).hasSize(2);
            });
  }
}
