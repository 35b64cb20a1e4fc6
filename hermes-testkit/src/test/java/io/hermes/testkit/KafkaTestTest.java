package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@KafkaTest
class KafkaTestTest {

  private final Kafka injected;

  KafkaTestTest(Kafka kafka) {
    this.injected = kafka;
  }

  @BeforeAll
  static void setUp(Kafka kafka) {
    assertThat(kafka.bootstrapServers()).contains(":");
  }

  @Test
  void injectsTheSameKafkaEverywhere(Kafka kafka) {
    assertThat(kafka).isSameAs(injected);
  }

  @Test
  void theInjectedKafkaCanBeWrittenAndRead(Kafka kafka) throws Exception {
    String topic = kafka.uniqueTopic("greetings", 1);
    Records.produce(kafka, topic, List.of("hello"));
    assertThat(topic).startsWith("greetings-");
    assertThat(Records.readAll(kafka, topic)).containsExactly("hello");
  }
}
