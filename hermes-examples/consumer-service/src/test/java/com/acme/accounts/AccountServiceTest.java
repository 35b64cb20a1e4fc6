package com.acme.accounts;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

@KafkaTest
class AccountServiceTest {

  @Test
  void opensAnAccountForWhoRegisters(Kafka kafka) throws Exception {
    var accounts = new LinkedBlockingQueue<String>();
    var settings = KafkaSettings.of(kafka.bootstrapServers());
    try (var service = new AccountService(settings, accounts::add)) {
      service.register("user-123").get(30, SECONDS);
      assertThat(accounts.poll(30, SECONDS)).isEqualTo("user-123");
    }
  }
}
