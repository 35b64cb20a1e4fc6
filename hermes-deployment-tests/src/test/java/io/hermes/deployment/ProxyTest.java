package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers behind the real HAProxy with the configuration of the manifest. */
@Tag("full")
class ProxyTest {

  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final int EVENTS = 10_000;

  @TempDir Path directory;

  @Test
  void noAcknowledgedEventIsLostWhileEachBrokerIsRestartedInTurn() throws Exception {
    String outside = new Loopback().address(9);
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, true, outside)) {
      cluster.brokers().forEach(DeployedBroker::launch);
      cluster.awaitReady();
      cluster.addUser("hermes", "secret");
      try (Proxy proxy = new Proxy(directory, cluster, outside)) {
        String ca = cluster.ca().toString();
        assertThat(Traffic.checkAddress(directory, outside, "9092", ca).expectSuccess().output())
            .isEqualTo(outside + ":9092\n");
        assertThat(Traffic.checkAddress(directory, outside, "9094", ca).expectSuccess().output())
            .isEqualTo(outside + ":9094\n");
        Traffic client =
            new Traffic(outside + ":9092", Traffic.scram(cluster.ca(), "hermes", "secret"));
        client.createTopic("user.events");
        publishWhileRestarting(cluster, client);
        client.expect("user.events", EVENTS);
        assertThat(proxy.isAlive()).isTrue();
      }
    }
  }

  /** Spread over all restarts: the next event waits for its turn, and none is given up. */
  private static void publishWhileRestarting(Cluster cluster, Traffic client) throws Exception {
    ExecutorService publishing = Executors.newSingleThreadExecutor();
    try (KafkaProducer<String, String> producer = client.producer()) {
      Future<List<Future<RecordMetadata>>> sent =
          publishing.submit(
              () -> {
                List<Future<RecordMetadata>> results = new ArrayList<>();
                for (int i = 0; i < EVENTS; i++) {
                  results.add(
                      producer.send(new ProducerRecord<>("user.events", "key-" + i, "value-" + i)));
                  TimeUnit.MILLISECONDS.sleep(i % 4 == 0 ? 10 : 0);
                }
                return results;
              });
      for (DeployedBroker broker : cluster.brokers()) {
        broker.stop(GRACE);
        broker.launch().await(29092);
      }
      for (Future<RecordMetadata> result : sent.get(5, TimeUnit.MINUTES)) {
        result.get(2, TimeUnit.MINUTES);
      }
    } finally {
      publishing.shutdownNow();
    }
  }
}
