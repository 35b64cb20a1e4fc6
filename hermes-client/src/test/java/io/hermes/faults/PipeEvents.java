package io.hermes.faults;

import com.google.protobuf.Message;
import io.hermes.Topic;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.testing.Events;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pipe of the fault run makes of an input: one or two events on one topic and one on
 * another, whose ids are the position of the input and a number.
 */
final class PipeEvents {

  private PipeEvents() {}

  static Topic<OrderPaid> orders(String topic) {
    return Topic.builder(OrderPaid.class, topic).keyField("order_id").build();
  }

  static Topic<PaymentEvent> payments(String topic) {
    return Topic.builder(PaymentEvent.class, topic)
        .keyField("payment_id")
        .typeField("event_type")
        .build();
  }

  /** Whether no attempt will handle it: some in a thousand. */
  static boolean isPoison(UserEvent input) {
    return Events.number(input) % 200 == 7;
  }

  static String position(int partition, long offset) {
    return partition + "@" + offset;
  }

  /** The events for the topic of orders, in their order. */
  static List<OrderPaid> orders(UserEvent input, String position) {
    List<OrderPaid> orders = new ArrayList<>();
    for (int number = 0; number <= Events.number(input) % 2; number++) {
      orders.add(
          OrderPaid.newBuilder()
              .setOrderId(input.getUserId())
              .setEventId(position + "#" + number)
              .build());
    }
    return orders;
  }

  /** The event for the topic of payments. */
  static PaymentEvent payment(UserEvent input, String position) {
    return PaymentEvent.newBuilder()
        .setPaymentId(input.getUserId())
        .setEventType(PaymentEvent.EventType.PAYMENT_CAPTURED)
        .setEventId(position + "#0")
        .build();
  }

  /** All of them, in the order in which they are emitted. */
  static List<Message> outputs(UserEvent input, String position) {
    List<Message> outputs = new ArrayList<>(orders(input, position));
    outputs.add(1, payment(input, position));
    return outputs;
  }
}
