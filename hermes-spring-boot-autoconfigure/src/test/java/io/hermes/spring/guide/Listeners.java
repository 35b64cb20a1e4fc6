package io.hermes.spring.guide;

import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.spring.HermesListener;
import io.hermes.subscribe.BatchFailure;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.Handler;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The listeners of the guide. */
final class Listeners {

  /** What arrived. */
  static class Seen {
    final BlockingQueue<String> all = new LinkedBlockingQueue<>();

    void add(String what) {
      all.add(what);
    }
  }

  private Listeners() {}

  static class Orders {
    private final Seen seen;

    Orders(Seen seen) {
      this.seen = seen;
    }

    @HermesListener(group = "shipping", concurrency = 32)
    void placed(OrderPlaced event) {
      reserve(event.getOrderId());
    }

    @HermesListener(group = "shipping")
    void paid(Delivery<OrderPaid> delivery) {
      ship(delivery.event().getOrderId(), delivery.record().timestamp());
    }

    @HermesListener(group = "shipping")
    CompletionStage<Void> cancelled(OrderCancelled event) {
      return warehouse(event.getOrderId()); // acked when it completes
    }

    private void reserve(String order) {
      seen.add("placed " + order);
    }

    private void ship(String order, Instant paidAt) {
      seen.add(paidAt.isAfter(Instant.now().plusSeconds(600)) ? "not yet" : "paid " + order);
    }

    private CompletionStage<Void> warehouse(String order) {
      return CompletableFuture.runAsync(() -> seen.add("cancelled " + order));
    }
  }

  static class Billing {
    private final Seen seen;

    Billing(Seen seen) {
      this.seen = seen;
    }

    @HermesListener(group = "billing", to = PaymentEvent.class)
    void bill(OrderPlaced event, Emitter out) {
      out.emit(payment(event));
    }

    @HermesListener(group = "payments")
    void see(PaymentEvent event) {
      seen.add("payment " + event.getOrderId());
    }

    private static PaymentEvent payment(OrderPlaced order) {
      return PaymentEvent.newBuilder()
          .setPaymentId("payment-" + order.getOrderId())
          .setOrderId(order.getOrderId())
          .build();
    }
  }

  static class Statistics {
    private final Seen seen;

    Statistics(Seen seen) {
      this.seen = seen;
    }

    @HermesListener(group = "statistics", maxBatch = 500)
    void insert(List<Delivery<UserEvent>> batch) throws BatchFailure {
      for (int i = 0; i < batch.size(); i++) {
        if (batch.get(i).event().getUserId().isEmpty()) {
          throw BatchFailure.at(i, new IllegalArgumentException("no user")); // acks those before i
        }
        seen.add("batch " + batch.get(i).event().getUserId());
      }
    }

    @HermesListener(group = "statistics", tombstones = true)
    void forget(Delivery<UserEvent> delivery) {
      seen.add("forget " + delivery.record().key());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Handlers {

    @Bean
    @HermesListener(group = "audit")
    Handler<UserEvent> audit(Seen seen) {
      return delivery -> seen.add("audit " + delivery.event().getUserId());
    }
  }
}
