package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One leader of several does not respond: its partitions are at fault, the others go on. */
@Timeout(180)
class LeaderHealthTest {

  private static final Duration NOTICED = Duration.ofSeconds(40);

  @Tag("full")
  @Test
  void aLeaderThatHangsAndOneThatIsGoneAreFaultsOfTheirPartitions() throws Exception {
    try (KafkaCluster kafka =
            KafkaCluster.builder()
                .brokers(3)
                .property("broker.session.timeout.ms", "30000")
                .start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<Integer, List<Integer>> replicas = Map.of(0, List.of(1), 1, List.of(2), 2, List.of(3));
      admin.createTopics(List.of(new NewTopic("leaders", replicas))).all().get();
      try (Users users = new Users(kafka.bootstrapServers(), "leaders")) {
        users.sendAll(10, 1);
        Set<Integer> partitions = new HashSet<>();
        try (HermesSubscriber subscriber =
            users
                .subscriber()
                .start(
                    delivery -> {
                      synchronized (partitions) {
                        partitions.add(delivery.record().partition());
                      }
                    })) {
          Await.until("handled", () -> users.committedSum() == 10);
          int hung = 2;
          kafka.broker(hung).pause();
          TopicPartition partition = new TopicPartition("leaders", hung - 1);
          Await.until("it hangs", NOTICED, () -> problem(subscriber).contains("does not respond"));
          Fault fault = leaderFault(subscriber).orElseThrow(); // soon it will have no leader
          assertThatThrownBy(
                  () -> HermesReader.builder(users.topic()).settings(quick(users)).open())
              .isInstanceOf(BrokerUnavailableException.class)
              .hasMessageContaining("the leader of a partition does not");
          assertThat(fault.partition()).contains(partition);
          assertThat(fault.brokers()).hasSize(1);
          assertThat(kafka.bootstrapServers()).contains(fault.brokers());
          assertThat(fault.problem()).contains(partition.toString(), fault.brokers().get(0));
          Await.until("no leader", NOTICED, () -> problem(subscriber).contains("has no leader"));
          assertThat(leaderFault(subscriber).orElseThrow().since()).isEqualTo(fault.since());
          synchronized (partitions) {
            partitions.clear();
          }
          byte[] value = Users.event("user", 1).toByteArray();
          users.send(new ProducerRecord<>("leaders", 0, Users.bytes("user"), value)).get();
          Await.until(
              "others go on",
              NOTICED,
              () -> {
                synchronized (partitions) {
                  return partitions.contains(0);
                }
              });
          kafka.broker(hung).resume();
          Await.until("over", Duration.ofSeconds(60), () -> subscriber.health().isHealthy());
        }
      }
    }
  }

  private static KafkaSettings quick(Users users) {
    return users.settings().toBuilder().openTimeout(Duration.ofSeconds(4)).build();
  }

  private static String problem(HermesSubscriber subscriber) {
    return leaderFault(subscriber).map(Fault::problem).orElse("");
  }

  private static Optional<Fault> leaderFault(HermesSubscriber subscriber) {
    return subscriber.health().faults().stream()
        .filter(fault -> fault.kind() == Fault.Kind.LEADER)
        .findFirst();
  }
}
