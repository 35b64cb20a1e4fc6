package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ThreeBrokersTest {

  @Test
  @Tag("full")
  void aQuorumOfThreeStaysWritableWithTwoInSyncWhenItsLeaderIsKilled() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.builder().brokers(3).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.describeMetadataQuorum().quorumInfo().get(30, SECONDS).voters()).hasSize(3);
      kafka.createTopic("replicated", 1);
      Records.produce(kafka, "replicated", List.of("before"));
      TopicPartitionInfo partition = describe(admin);
      assertThat(partition.replicas()).hasSize(3);

      kafka.broker(partition.leader().id()).kill();

      Records.produce(kafka, "replicated", List.of("after"));
      assertThat(Records.readAll(kafka, "replicated")).containsExactly("before", "after");
      assertThat(describe(admin).isr()).hasSize(2).doesNotContain(partition.leader());
    }
  }

  @Test
  @Tag("slow")
  @Timeout(120)
  @SuppressWarnings("try") // a transaction that is only open
  void coordinatorsAreThoseThatKafkaAsksAndAnotherOneTakesOver() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.builder().brokers(3).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      kafka.createTopic("held", 1);
      Broker before = kafka.transactionCoordinator("transaction-1"); // which is not there yet
      for (int number = 0; number < 5; number++) {
        String id = "transaction-" + number;
        try (HeldTransaction held =
            kafka.holdTransaction(id, new ProducerRecord<>("held", new byte[1]))) {
          var known = admin.describeTransactions(List.of(id)).description(id).get(30, SECONDS);
          assertThat(kafka.transactionCoordinator(id).id()).isEqualTo(known.coordinatorId());
        }
        String group = "group-" + number;
        var offsets = Map.of(new TopicPartition("held", 0), new OffsetAndMetadata(0));
        kafka.groupCoordinator(group);
        admin.alterConsumerGroupOffsets(group, offsets).all().get(30, SECONDS);
        var groups = admin.describeConsumerGroups(List.of(group)).all().get(30, SECONDS);
        assertThat(groups.values())
            .extracting(known -> known.coordinator().id())
            .containsExactly(kafka.groupCoordinator(group).id());
      }
      try (HeldTransaction held =
          kafka.holdTransaction("transaction-1", new ProducerRecord<>("held", new byte[1]))) {
        assertThat(kafka.transactionCoordinator("transaction-1")).isEqualTo(before);
        before.pause();
        held.commit(); // by another one
        assertThat(kafka.transactionCoordinator("transaction-1")).isNotEqualTo(before);
        before.resume();
      }
    }
  }

  private static TopicPartitionInfo describe(Admin admin) throws Exception {
    Map<String, TopicDescription> topics =
        admin.describeTopics(List.of("replicated")).allTopicNames().get(30, SECONDS);
    return topics.values().iterator().next().partitions().get(0);
  }
}
