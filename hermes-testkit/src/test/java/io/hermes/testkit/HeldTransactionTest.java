package io.hermes.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KafkaTest
@Timeout(60)
class HeldTransactionTest {

  private final Kafka kafka;
  private final String id = "held-" + UUID.randomUUID();
  private final String topic;

  HeldTransactionTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = kafka.uniqueTopic("held", 1);
  }

  @Test
  void blocksReadersUntilItIsCommitted() throws Exception {
    String other = kafka.uniqueTopic("held", 1);
    try (HeldTransaction held = kafka.holdTransaction(id, record(topic, "a"))) {
      assertThat(held.send(record(other, "b")).offset()).isZero();
      Records.produce(kafka, topic, List.of("behind"));
      assertThat(readable(topic)).isZero();
      assertThat(readable(other)).isZero();

      held.commit();

      assertThat(readable(topic)).isEqualTo(3); // with the marker
      assertThat(readable(other)).isEqualTo(2);
      assertThat(Records.readAll(kafka, topic)).containsExactly("a", "behind");
    }
  }

  @Test
  void blocksNoReaderOnceItIsAborted() throws Exception {
    try (HeldTransaction held = kafka.holdTransaction(id, record(topic, "a"))) {
      held.abort();
      assertThat(readable(topic)).isEqualTo(2);
    }
  }

  @Test
  void isAbortedWhenItIsClosed() throws Exception {
    kafka.holdTransaction(id, record(topic, "a")).close();
    kafka.fence(id); // returns after the end of the transaction
    assertThat(readable(topic)).isEqualTo(2);
  }

  @Test
  void staysOpenWithoutItsProducerUntilItIsFenced() throws Exception {
    HeldTransaction held = kafka.holdTransaction(id, record(topic, "a"));
    held.leave();
    held.close();
    Records.produce(kafka, topic, List.of("behind"));
    assertThat(readable(topic)).isZero();

    kafka.fence(id);

    assertThat(readable(topic)).isEqualTo(3);
  }

  @Test
  void failsOnceAnAdministratorHasFencedIt() throws Exception {
    try (HeldTransaction held = kafka.holdTransaction(id, record(topic, "a"))) {
      kafka.fence(id);
      assertThat(readable(topic)).isEqualTo(2);
      assertThatThrownBy(held::commit).isInstanceOf(ProducerFencedException.class);
    }
  }

  @Test
  void failsOnceASecondInstanceHasTakenItsId() throws Exception {
    try (HeldTransaction first = kafka.holdTransaction(id, record(topic, "a"));
        HeldTransaction second = kafka.holdTransaction(id, record(topic, "b"))) {
      assertThatThrownBy(first::commit).isInstanceOf(ProducerFencedException.class);
      assertThatCode(second::commit).doesNotThrowAnyException();
      assertThat(readable(topic)).isEqualTo(4);
    }
  }

  @Test
  void leavesNothingBehindIfItsRecordIsNotWritten() {
    ProducerRecord<byte[], byte[]> tooLarge =
        new ProducerRecord<>(topic, new byte[2 * 1024 * 1024]);
    assertThatThrownBy(() -> kafka.holdTransaction(id, tooLarge))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("2097");
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String value) {
    return new ProducerRecord<>(topic, value.getBytes(UTF_8));
  }

  /** The offset up to which a reader of committed records can read. */
  private long readable(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listOffsets(
              Map.of(partition, OffsetSpec.latest()),
              new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .partitionResult(partition)
          .get(30, SECONDS)
          .offset();
    }
  }
}
