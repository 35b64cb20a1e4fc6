package io.hermes.spring.test;

import com.google.protobuf.Message;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.spring.HermesListener;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.PipeHandler;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;

/** The components of a service: listeners, handlers, and a class that publishes. */
final class Components {

  private Components() {}

  /** What a listener needs. */
  interface Bills {
    void add(String user);
  }

  /** Keeps what was billed. */
  @Component
  static class BilledUsers implements Bills {
    final BlockingQueue<String> users = new LinkedBlockingQueue<>();

    @Override
    public void add(String user) {
      users.add(user);
    }
  }

  /** A superclass that listens. */
  abstract static class Listening<M extends Message> {

    abstract void take(M event);

    @HermesListener(group = "billing")
    void listen(M event) {
      take(event);
    }
  }

  @Component
  static class Billing extends Listening<UserEvent> {

    private final Bills bills;

    Billing(Bills bills) {
      this.bills = bills;
    }

    @Override
    void take(UserEvent event) {
      bills.add(event.getUserId());
    }
  }

  @Component
  @HermesListener(group = "shipping")
  static class Shipping implements Handler<OrderPlaced> {

    final BlockingQueue<String> orders = new LinkedBlockingQueue<>();

    @Override
    public void handle(Delivery<OrderPlaced> delivery) {
      orders.add(delivery.event().getOrderId());
    }
  }

  @Component
  @HermesListener(group = "invoicing", to = PaymentEvent.class)
  static class Invoicing implements PipeHandler<OrderPlaced> {

    @Override
    public void handle(Delivery<OrderPlaced> delivery, Emitter out) {
      String order = delivery.event().getOrderId();
      out.emit(PaymentEvent.newBuilder().setPaymentId("p-" + order).build());
    }
  }

  @Component
  static class Ledger {

    final BlockingQueue<String> payments = new LinkedBlockingQueue<>();

    @HermesListener(group = "ledger")
    void see(PaymentEvent event) {
      payments.add(event.getPaymentId());
    }
  }

  /** Publishes. */
  @Service
  static class Registration {

    private final HermesPublisher<UserEvent> publisher;

    Registration(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    CompletableFuture<Receipt> register(String user) {
      return publisher.publish(UserEvent.newBuilder().setUserId(user).build());
    }
  }
}
