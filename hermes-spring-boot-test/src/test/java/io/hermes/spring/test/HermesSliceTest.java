package io.hermes.spring.test;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.spring.test.Components.BilledUsers;
import io.hermes.spring.test.Components.Bills;
import io.hermes.testkit.Kafka;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.bean.override.convention.TestBean;

/** {@link HermesTest}: listeners and handlers with a broker, and nothing else. */
@SuppressWarnings("NullAway.Init") // Spring sets the fields
@HermesTest
@Timeout(180)
class HermesSliceTest {

  @Autowired HermesPublisher<UserEvent> users;
  @Autowired Components.Shipping shipping;
  @Autowired Components.Ledger ledger;
  @Autowired ApplicationContext context;
  @TestBean Bills bills;

  static Bills bills() {
    return new BilledUsers();
  }

  @RepeatedTest(2) // fields are injected again: the publisher is the same
  void anEventThatTheTestPublishesArrives() throws Exception {
    users.publishAndWait(UserEvent.newBuilder().setUserId("user-123").build(), ofSeconds(10));
    assertThat(((BilledUsers) bills).users.poll(30, SECONDS)).isEqualTo("user-123");
    assertThat(users.config().topics())
        .allMatch(topic -> topic.name().matches("test-.*\\.user\\.events"));
  }

  @Test
  void aHandlerAndAPipeAreThereAndAPublisherOfAnotherTypeIsInjectedIntoAMethod(
      @Autowired HermesPublisher<OrderPlaced> orders) throws Exception {
    orders.publishAndWait(OrderPlaced.newBuilder().setOrderId("o-1").build(), ofSeconds(10));
    assertThat(shipping.orders.poll(30, SECONDS)).isEqualTo("o-1");
    assertThat(ledger.payments.poll(30, SECONDS)).isEqualTo("p-o-1");
  }

  @Test
  void otherComponentsAreNot() {
    assertThat(context.getBeansOfType(Components.Billing.class)).hasSize(1);
    assertThat(context.getBeansOfType(Components.Registration.class)).isEmpty();
  }

  @Nested
  class InANestedClass {

    @Test
    void theBrokerIsTheSame(@Autowired Kafka kafka) {
      assertThat(kafka).isSameAs(SharedBroker.get());
    }
  }
}
