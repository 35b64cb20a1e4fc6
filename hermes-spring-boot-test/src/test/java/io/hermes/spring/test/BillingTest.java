package io.hermes.spring.test;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.spring.test.Components.BilledUsers;
import io.hermes.spring.test.Components.Bills;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.bean.override.convention.TestBean;

/** A snippet of docs/testing.md. */
@SuppressWarnings("NullAway.Init") // Spring sets the fields
@HermesTest
class BillingTest {

  @Autowired HermesPublisher<UserEvent> publisher;
  @TestBean Bills bills; // what the listener needs

  static Bills bills() {
    return new BilledUsers();
  }

  @Test
  void billsWhoRegisters() throws Exception {
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    publisher.publishAndWait(event, ofSeconds(10));
    assertThat(((BilledUsers) bills).users.poll(30, SECONDS)).isEqualTo("user-123");
  }
}
