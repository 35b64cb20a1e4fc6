package io.hermes.faults;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.faults.PipeCheck.Input;
import io.hermes.faults.PipeCheck.Output;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The topics of a pipe, and what is on them. */
record PipeTopics(Kafka kafka, String in, String orders, String payments) {

  static PipeTopics create(Kafka kafka, int partitions) {
    return new PipeTopics(
        kafka,
        kafka.uniqueTopic("inputs", partitions),
        kafka.uniqueTopic("orders", partitions),
        kafka.uniqueTopic("payments", partitions));
  }

  String dead() {
    return DeadLetterHeaders.topicOf(in);
  }

  /** All that the pipe writes to. */
  List<String> written() {
    return List.of(orders, payments, dead());
  }

  /** The inputs, and what the pipe has to make of them. */
  List<Input> inputs() throws InvalidProtocolBufferException {
    List<Input> inputs = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : RawRecords.readAll(kafka, in)) {
      UserEvent event = UserEvent.parseFrom(record.value());
      String position = PipeEvents.position(record.partition(), record.offset());
      inputs.add(
          new Input(
              position,
              event.getUserId(),
              PipeEvents.isPoison(event),
              Map.of(
                  orders,
                  PipeEvents.orders(event, position).stream().map(OrderPaid::getEventId).toList(),
                  payments,
                  List.of(PipeEvents.payment(event, position).getEventId()))));
    }
    return inputs;
  }

  /** The committed outputs. */
  List<Output> outputs() throws InvalidProtocolBufferException {
    List<Output> outputs = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : RawRecords.readCommitted(kafka, orders)) {
      OrderPaid event = OrderPaid.parseFrom(record.value());
      outputs.add(new Output(orders, event.getOrderId(), event.getEventId()));
    }
    for (ConsumerRecord<byte[], byte[]> record : RawRecords.readCommitted(kafka, payments)) {
      PaymentEvent event = PaymentEvent.parseFrom(record.value());
      outputs.add(new Output(payments, event.getPaymentId(), event.getEventId()));
    }
    return outputs;
  }

  /** The positions of the inputs that are committed dead letters. */
  List<String> deadLetters() {
    List<String> positions = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : RawRecords.readCommitted(kafka, dead())) {
      positions.add(
          header(record, DeadLetterHeaders.PARTITION)
              + "@"
              + header(record, DeadLetterHeaders.OFFSET));
    }
    return positions;
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
