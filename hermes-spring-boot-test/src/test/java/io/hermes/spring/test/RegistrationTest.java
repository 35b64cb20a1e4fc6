package io.hermes.spring.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.InMemoryPublisher;
import io.hermes.spring.test.Components.Registration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.convention.TestBean;

/** A snippet of docs/testing.md. */
@SuppressWarnings("NullAway.Init") // Spring sets the fields
@SpringBootTest(properties = "hermes.auto-startup=false")
class RegistrationTest {

  @TestBean HermesPublisher<UserEvent> publisher;
  @Autowired Registration registration;

  static HermesPublisher<UserEvent> publisher() {
    return InMemoryPublisher.of(UserEvent.class);
  }

  @Test
  void publishesWhoRegisters() {
    registration.register("user-1").join();
    assertThat(((InMemoryPublisher<UserEvent>) publisher).events()).hasSize(1);
  }
}
