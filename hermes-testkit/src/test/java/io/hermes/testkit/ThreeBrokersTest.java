package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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

  private static TopicPartitionInfo describe(Admin admin) throws Exception {
    Map<String, TopicDescription> topics =
        admin.describeTopics(List.of("replicated")).allTopicNames().get(30, SECONDS);
    return topics.values().iterator().next().partitions().get(0);
  }
}
