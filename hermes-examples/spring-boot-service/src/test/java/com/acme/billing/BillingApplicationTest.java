package com.acme.billing;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.springframework.boot.builder.SpringApplicationBuilder;

@KafkaTest
class BillingApplicationTest {

  @Test
  void billsWhatIsPublished(Kafka kafka) throws Exception {
    var application =
        new SpringApplicationBuilder(BillingApplication.class)
            .properties("kafka.broker=" + kafka.bootstrapServers());
    try (var context = application.run()) {
      HermesPublisher<UserEvent> publisher = context.getBean(HermesPublisher.class);
      var event = UserEvent.newBuilder().setUserId("user-123").build();
      publisher.publishAndWait(event, Duration.ofSeconds(30));
      assertThat(context.getBean(Bills.class).users().poll(30, SECONDS)).isEqualTo("user-123");
    }
  }

  /** Spring Boot's choice, which the build of Hermes compares with what it expects. */
  @Test
  void saysWhatItRunsOn() throws Exception {
    for (Class<?> type : new Class<?>[] {Producer.class, Message.class, Logger.class}) {
      var jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      System.out.println("runs on " + jar.getFileName());
    }
  }
}
