package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.LogFiles;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
@SuppressWarnings("try") // a subscriber that only runs
class CorruptBatchTest {

  private static final String TOPIC = "corrupt.v1-0"; // looks like a partition

  private static void send(Users users, int partition, int number) throws Exception {
    byte[] value = Users.event("user", number).toByteArray();
    users.send(new ProducerRecord<>(TOPIC, partition, Users.bytes("user"), value)).get();
  }

  @Test
  void stopsItsPartitionAloneAndHealthNamesItsPlace(@TempDir Path data) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start()) {
      kafka.createTopic(TOPIC, 2);
      try (Users users = new Users(kafka.bootstrapServers(), TOPIC)) {
        for (int number = 0; number < 3; number++) {
          send(users, 0, number);
          send(users, 1, number);
        }
      }
    }
    LogFiles.flipByteOfBatch(data.resolve(TOPIC + "-1/00000000000000000000.log"), 1);

    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start();
        Users users = new Users(kafka.bootstrapServers(), TOPIC)) {
      Set<String> handled = ConcurrentHashMap.newKeySet();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .start(d -> handled.add(d.record().partition() + "@" + d.record().offset()))) {
        Await.until("it is noticed", () -> !subscriber.health().isHealthy());
        assertThat(subscriber.health().fault()).contains(TOPIC + "-1", "offset 1");
        send(users, 0, 3); // the other partition goes on, and so does polling
        Await.until("the other's", () -> handled.contains("0@3"));
        Await.until("committed", () -> users.committedSum() == 5);
        assertThat(subscriber.health().isHealthy()).isFalse();
      }
      assertThat(handled).containsExactlyInAnyOrder("0@0", "0@1", "0@2", "0@3", "1@0");
    }
  }
}
