package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's consumer takes a deleted topic for one without partitions, and reports nothing. */
@KafkaTest
@Timeout(90)
class MissingTopicTest {

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aTopicThatIsDeletedIsAFaultUntilItExistsAgain(String protocol, Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      users.sendAll(3, 1);
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder(users.topic())
              .settings(
                  users.settings().toBuilder()
                      .property("group.protocol", protocol)
                      .property("metadata.max.age.ms", 1_000)
                      .build())
              .group(users.group())
              .start(delivery -> {})) {
        Await.until("handled", () -> users.committedSum() == 3);
        assertThat(subscriber.health().isHealthy()).isTrue();
        String name = users.topic().name();
        admin.deleteTopics(List.of(name)).all().get();
        Await.until("at fault", () -> isMissing(subscriber));
        assertThat(subscriber.health().fault()).contains(name, "does not exist");
        kafka.createTopic(name, 1);
        Await.until("over", () -> subscriber.health().isHealthy());
        Await.until("assigned", () -> subscriber.health().assigned().size() == 1);
      }
    }
  }

  private static boolean isMissing(HermesSubscriber subscriber) {
    return subscriber.health().faults().stream()
        .anyMatch(fault -> fault.kind() == Fault.Kind.TOPIC);
  }
}
