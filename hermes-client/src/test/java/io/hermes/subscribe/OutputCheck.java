package io.hermes.subscribe;

import io.hermes.EventHeaders;
import io.hermes.events.v1.UserEvent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Compares what a {@link PipeSimulation} has committed with what it has written. */
final class OutputCheck {

  private final SteppedKafka kafka;
  private final SteppedTransactions transactions;
  private final List<TopicPartition> partitions;
  private final ProcessingOrder order;
  private int checkedOutputs;
  private final Map<String, Long> lastOfKey = new HashMap<>();
  private final Set<String> done = new HashSet<>();

  OutputCheck(
      SteppedKafka kafka,
      SteppedTransactions transactions,
      List<TopicPartition> partitions,
      ProcessingOrder order) {
    this.kafka = kafka;
    this.transactions = transactions;
    this.partitions = partitions;
    this.order = order;
  }

  /** What is committed as finished is exactly what has been written, once and in its order. */
  void check() {
    List<ProducerRecord<byte[], byte[]>> outputs = transactions.committed();
    for (; checkedOutputs < outputs.size(); checkedOutputs++) {
      ProducerRecord<byte[], byte[]> output = outputs.get(checkedOutputs);
      ConsumerRecord<byte[], byte[]> input = inputOf(output);
      TopicPartition id = new TopicPartition(input.topic(), input.partition());
      String what = id + "@" + input.offset();
      require(done.add(what), what + " has led to two outputs");
      if (order != ProcessingOrder.UNORDERED && input.key() != null) {
        Long before = lastOfKey.put(id + Users.text(input.key()), input.offset());
        require(before == null || before < input.offset(), what + " is written after " + before);
      }
    }
    for (TopicPartition id : partitions) {
      var committed = kafka.committed().get(id);
      OffsetRuns beyond =
          committed == null
              ? OffsetRuns.NONE
              : CommitMetadata.decode(
                  committed.metadata(), Simulation.TOPIC_ID, committed.offset());
      for (ConsumerRecord<byte[], byte[]> record : kafka.log(id)) {
        String what = id + "@" + record.offset();
        boolean finished =
            committed != null
                && (record.offset() < committed.offset() || beyond.contains(record.offset()));
        require(
            finished == done.contains(what),
            what + (finished ? " is committed without output" : " is written, not committed"));
      }
    }
  }

  private ConsumerRecord<byte[], byte[]> inputOf(ProducerRecord<byte[], byte[]> output) {
    if (output.topic().equals("sim-dlt")) {
      long offset = Long.parseLong(EventHeaders.text(output.headers(), DeadLetterHeaders.OFFSET));
      String partition = EventHeaders.text(output.headers(), DeadLetterHeaders.PARTITION);
      return input("sim-" + partition, offset, output.value());
    }
    for (TopicPartition id : partitions) {
      for (ConsumerRecord<byte[], byte[]> record : kafka.log(id)) {
        if (numberOf(record.value()).equals(numberOf(output.value()))) {
          return record;
        }
      }
    }
    throw new AssertionError("An output without an input: " + output);
  }

  private ConsumerRecord<byte[], byte[]> input(String id, long offset, byte[] value) {
    return partitions.stream()
        .filter(partition -> partition.toString().equals(id))
        .flatMap(partition -> kafka.log(partition).stream())
        .filter(record -> record.offset() == offset && Arrays.equals(record.value(), value))
        .findAny()
        .orElseThrow(() -> new AssertionError("A dead letter of no record: " + id));
  }

  private static String numberOf(byte[] value) {
    try {
      return UserEvent.parseFrom(value).getEventId();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
