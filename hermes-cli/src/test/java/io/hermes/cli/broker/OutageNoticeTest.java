package io.hermes.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.cli.RunningCommand;
import io.hermes.testkit.KafkaCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that wait while their only broker is away. */
@Tag("full")
@Timeout(180)
class OutageNoticeTest {

  @ParameterizedTest
  @ValueSource(strings = {"consume --format table", "consume --format table --group watched"})
  void aConsumerSaysThatItWaitsAndShowsWhatComesAfterwards(String command) throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start()) {
      Run.hermes(kafka.bootstrapServers(), "produce", "--count", "3");
      RunningCommand consumer = new RunningCommand(kafka.bootstrapServers(), command);
      consumer.awaitOut("USER_REGISTERED");
      kafka.broker(1).kill();
      consumer.awaitErr("No broker has responded at " + kafka.bootstrapServers() + " since ");
      kafka.broker(1).start();
      consumer.awaitErr("A broker responds again, after ");
      assertThat(Run.hermes(kafka.bootstrapServers(), "produce", "--count", "1").exitCode())
          .isZero();
      consumer.awaitOut("(?s)USER_REGISTERED.*USER_REGISTERED");
      assertThat(consumer.stop()).isZero();
      assertThat(consumer.err().lines().filter(line -> line.startsWith("hermes: "))).hasSize(2);
    }
  }

  @Test
  void aProducerSaysThatItWaitsAndLosesNothing() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start()) {
      RunningCommand producer =
          new RunningCommand(kafka.bootstrapServers(), "produce --verbose --rate 50 --forever");
      producer.awaitOut("user.events-0@"); // some are written, others come in the outage
      kafka.broker(1).kill();
      producer.awaitErr("No broker has responded at " + kafka.bootstrapServers() + " since ");
      kafka.broker(1).start();
      producer.awaitErr("A broker responds again, after ");
      assertThat(producer.stop()).isZero();
      long receipts =
          producer.out().lines().filter(line -> line.contains("user.events-0@")).count();
      assertThat(producer.out())
          .contains("%,d events to user.events".formatted(receipts))
          .doesNotContain("not acknowledged");
    }
  }
}
