package io.hermes.spring.test;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.spring.test.Components.BilledUsers;
import io.hermes.spring.test.Components.Registration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;

/** The whole application with the broker, although its properties name others. */
@SpringBootTest(
    properties = {
      "spring.kafka.bootstrap-servers=kafka.production:9093",
      "spring.kafka.producer.bootstrap-servers=kafka.production:9093",
      "spring.kafka.security.protocol=SSL",
      "hermes.clusters.other.bootstrap-servers=other.production:9093",
      "hermes.topic-prefix=prod."
    })
@AutoConfigureEmbeddedKafka
@Timeout(180)
class WholeApplicationTest {

  @Autowired Registration registration;
  @Autowired Environment environment;
  @Autowired BilledUsers bills;

  @Test
  void publishesToTheBrokerOfTheTestAndListens() throws Exception {
    assertThat(registration.register("user-1").get(30, SECONDS).topic()).startsWith("test-");
    assertThat(bills.users.poll(30, SECONDS)).isEqualTo("user-1");
    assertThat(environment.getProperty("hermes.clusters.other.bootstrap-servers"))
        .isEqualTo(SharedBroker.get().bootstrapServers());
  }
}
