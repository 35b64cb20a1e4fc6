package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.hermes.micrometer.Logins.Scraped;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka's own metrics come and go with the client. */
@KafkaTest
@Timeout(60)
class MeteredClientsTest {

  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  private final Scraped scraped = Scraped.fresh();
  private final Kafka kafka;

  MeteredClientsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  /** A reporter that the user configured. */
  public static final class Users implements MetricsReporter {

    /** Called by Kafka. */
    public Users() {}

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public void init(List<KafkaMetric> metrics) {
      SEEN.add("init");
    }

    @Override
    public void metricChange(KafkaMetric metric) {}

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {
      SEEN.add("close");
    }
  }

  private Map<String, Object> config(String clientId, @Nullable Object reporters) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", kafka.bootstrapServers());
    config.put("client.id", clientId);
    if (reporters != null) {
      config.put("metric.reporters", reporters);
    }
    return config;
  }

  @Test
  void aUsersReportersStayAndEveryMeterGoesWithItsClient() throws Exception {
    String topic = kafka.uniqueTopic("metered", 1);
    var clients = HermesMetrics.of(scraped.registry()).clients();
    String both = Users.class.getName() + ", " + JmxReporter.class.getName();
    for (Object reporters : List.of(both, List.of(Users.class.getName()))) {
      SEEN.clear();
      try (var producer = clients.producer(config("p-1", reporters))) {
        producer.send(new ProducerRecord<>(topic, new byte[1])).get();
        assertThat(scraped.lines("kafka_producer_topic_record_send_total"))
            .hasSize(1)
            .first()
            .asString()
            .contains("client_id=\"p-1\"", "topic=\"" + topic + "\"");
        try (var other = clients.producer(config("p-2", null))) {
          assertThat(other.metrics()).isNotEmpty();
          assertThat(scraped.lines("kafka_producer_connection_count")).hasSize(2);
        }
        assertThat(scraped.lines("kafka_producer_connection_count")).hasSize(1);
      }
      assertThat(SEEN).containsExactly("init", "close");
      assertThat(scraped.meters()).isEmpty();
    }
    assertThat(scraped.refused()).isEmpty();
  }

  @Test
  void aHundredClientsLeaveNoMeter() {
    var clients = HermesMetrics.of(scraped.registry()).clients();
    for (int i = 0; i < 50; i++) {
      try (var producer = clients.producer(config("p-" + i, null));
          var consumer = clients.consumer(config("c-" + i, null))) {
        assertThat(producer.metrics().size() + consumer.metrics().size()).isPositive();
        assertThat(scraped.meters()).hasSizeGreaterThan(100);
      }
    }
    assertThat(scraped.meters()).isEmpty();
  }

  @Test
  void aClientThatCannotBeMadeLeavesNoMeter() {
    var clients = HermesMetrics.of(scraped.registry()).clients();
    assertThat(catchThrowable(() -> clients.producer(broken()))).isNotNull();
    assertThat(scraped.meters()).isEmpty();
  }

  private Map<String, Object> broken() {
    Map<String, Object> config = config("p", null);
    config.put("bootstrap.servers", "no-such-host.invalid:1");
    return config;
  }
}
