package io.hermes.spring.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.InMemoryPublisher;
import io.hermes.spring.test.Components.Registration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.bean.override.convention.TestBean;

/** A publisher in memory takes the place of the injected one, without any broker. */
@SuppressWarnings("NullAway.Init") // Spring sets the fields
@Timeout(60)
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
}
