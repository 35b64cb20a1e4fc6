package io.hermes.spring.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.InMemoryPublisher;
import io.hermes.publish.InMemoryTransactionalPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.spring.test.Components.Registration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.bean.override.convention.TestBean;

/** A publisher in memory takes the place of the application's, without any broker. */
@SuppressWarnings("NullAway.Init") // Spring sets the fields
@Timeout(180)
class InMemoryTest {

  @SpringBootTest(properties = "hermes.auto-startup=false")
  @Nested
  class AsATestBean {

    @TestBean HermesPublisher<UserEvent> publisher;
    @Autowired Registration registration;
    @Autowired HermesPublisher<OrderPlaced> other;

    static HermesPublisher<UserEvent> publisher() {
      return InMemoryPublisher.of(UserEvent.class);
    }

    @Test
    void itGetsWhatTheServicePublishes() {
      registration.register("user-1").join();
      assertThat(((InMemoryPublisher<UserEvent>) publisher).events()).hasSize(1);
      assertThat(other).isNotInstanceOf(InMemoryPublisher.class);
    }
  }

  @SpringBootTest(properties = "hermes.auto-startup=false")
  @Nested
  class AsABeanOfATestConfiguration {

    @TestConfiguration(proxyBeanMethods = false)
    static class Publishers {

      @Bean
      InMemoryPublisher<UserEvent> inMemory() {
        return InMemoryPublisher.of(UserEvent.class);
      }
    }

    @Autowired InMemoryPublisher<UserEvent> publisher;
    @Autowired Registration registration;
    @Autowired HermesPublisher<OrderPlaced> other;

    @Test
    void itGetsWhatTheServicePublishes() {
      registration.register("user-1").join();
      assertThat(publisher.events()).hasSize(1);
      assertThat(other).isNotInstanceOf(InMemoryPublisher.class);
    }
  }

  /** Unlike a HermesPublisher, it is a bean that the application itself defines. */
  @SpringBootTest(properties = "hermes.auto-startup=false")
  @Nested
  class InPlaceOfATransactionalOne {

    record Checkout(TransactionalPublisher publisher) {

      void pay(UserEvent user, OrderPlaced order) {
        publisher.transaction(
            tx -> {
              tx.publish(user);
              tx.publish(order);
            });
      }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Application {

      @Bean
      TransactionalPublisher transactionalPublisher() {
        throw new AssertionError("It would connect to a broker.");
      }

      @Bean
      Checkout checkout(TransactionalPublisher publisher) {
        return new Checkout(publisher);
      }
    }

    @TestBean TransactionalPublisher publisher;
    @Autowired Checkout checkout;

    static TransactionalPublisher publisher() {
      return InMemoryTransactionalPublisher.of(UserEvent.class, OrderPlaced.class);
    }

    @Test
    void itGetsWhatTheServiceCommits() {
      UserEvent user = UserEvent.newBuilder().setUserId("user-1").build();
      OrderPlaced order = OrderPlaced.newBuilder().setOrderId("order-1").build();
      checkout.pay(user, order);
      assertThat(((InMemoryTransactionalPublisher) publisher).events())
          .containsExactly(user, order);
    }
  }
}
