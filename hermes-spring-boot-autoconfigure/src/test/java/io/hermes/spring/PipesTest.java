package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.PipeHandler;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Listeners that emit events: pipes, with all that a listener has. */
@KafkaTest
@Timeout(180)
class PipesTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  static class Seen {
    final List<String> payments = new CopyOnWriteArrayList<>();
    final List<Map<TopicPartition, Long>> committed = new CopyOnWriteArrayList<>();
  }

  static class Publishers {
    final HermesPublisher<UserEvent> users;

    Publishers(HermesPublisher<UserEvent> users) {
      this.users = users;
    }
  }

  static class Pipes {

    @HermesListener(group = "of-events", to = PaymentEvent.class)
    void event(UserEvent event, Emitter out) {
      out.emit(payment("event", event));
      if (event.getUserId().equals("poison")) {
        throw new IllegalStateException("told to");
      }
    }

    @HermesListener(group = "of-deliveries", to = PaymentEvent.class)
    void delivery(Delivery<UserEvent> delivery, Emitter out) {
      out.emit(payment("delivery", delivery.event()));
    }
  }

  private static PaymentEvent payment(String by, UserEvent event) {
    return PaymentEvent.newBuilder().setPaymentId(by + " " + event.getUserId()).build();
  }

  static class Payments {
    private final Seen seen;

    Payments(Seen seen) {
      this.seen = seen;
    }

    @HermesListener(group = "seen")
    void see(PaymentEvent event) {
      seen.payments.add(event.getPaymentId());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Service {

    @Bean
    Seen seen() {
      return new Seen();
    }

    @Bean
    @HermesListener(group = "of-beans", to = PaymentEvent.class)
    PipeHandler<UserEvent> bean() {
      return (delivery, out) -> out.emit(payment("bean", delivery.event()));
    }

    @Bean
    HermesSubscriberCustomizer customizer(Seen seen) {
      return (group, builder) -> {
        if (group.equals("of-events")) {
          builder.listener(
              new SubscriberListener() {
                @Override
                public void committed(Map<TopicPartition, Long> offsets) {
                  seen.committed.add(offsets);
                }
              });
        }
      };
    }
  }

  private static boolean isOf(String group, Timer timer) {
    return String.valueOf(timer.getId().getTag("group")).endsWith("." + group); // with the prefix
  }

  @Test
  void whatAListenerEmitsIsCommittedWithItsEventUnderTheSettingsOfItsGroup(Kafka kafka) {
    ObservabilityTest.measured(kafka)
        .withUserConfiguration(Service.class)
        .withBean(Publishers.class)
        .withBean(Pipes.class)
        .withBean(Payments.class)
        .withPropertyValues(
            "hermes.create-topics=true", // those of what is emitted, too
            "hermes.max-slice=20ms",
            "hermes.subscribers.of-events.max-events=1",
            "hermes.subscribers.of-events.on-error.attempts=2",
            "hermes.subscribers.of-events.on-error.backoff=1ms")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              HermesPublisher<UserEvent> users = context.getBean(Publishers.class).users;
              users.publishAndWait(Services.event("poison"), LONG);
              users.publishAndWait(Services.event("one"), LONG);
              Seen seen = context.getBean(Seen.class);
              Services.await("five payments", () -> seen.payments.size() == 5);
              for (String group : List.of("of-events", "of-deliveries", "of-beans")) {
                assertThat(Services.isUp(context, group)).as(group).isTrue();
              }
              HermesSubscribers subscribers = context.getBean(HermesSubscribers.class);
              Services.await(
                  "dead-lettered",
                  () -> subscribers.subscriber("of-events").health().counts().deadLettered() == 1);
              Services.await("a customizer is called", () -> !seen.committed.isEmpty());
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              assertThat(
                      meters.get("hermes.handle").timers().stream()
                          .filter(timer -> isOf("of-events", timer))
                          .mapToLong(timer -> timer.count())
                          .sum())
                  .isEqualTo(3);

              CountDownLatch stopped = new CountDownLatch(1);
              subscribers.stop(stopped::countDown);
              Services.await("stopped", () -> stopped.getCount() == 0);
              subscribers.start();
              users.publishAndWait(Services.event("two"), LONG);
              Services.await("eight payments", () -> seen.payments.size() == 8);
              assertThat(seen.payments)
                  .containsExactlyInAnyOrder(
                      "event one",
                      "event two",
                      "delivery poison",
                      "delivery one",
                      "delivery two",
                      "bean poison",
                      "bean one",
                      "bean two");
            });
  }
}
