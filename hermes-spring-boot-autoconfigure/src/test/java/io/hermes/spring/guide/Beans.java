package io.hermes.spring.guide;

import com.google.protobuf.Message;
import io.hermes.PublishRejectedException;
import io.hermes.codec.ZstdOptions;
import io.hermes.events.v1.OrderCancelled;
import io.hermes.events.v1.OrderPaid;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.spring.EventTypes;
import io.hermes.spring.HermesCluster;
import io.hermes.spring.HermesPublisherCustomizer;
import io.hermes.spring.HermesSubscriberCustomizer;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.ErrorPolicy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** The other beans of the guide. */
final class Beans {

  private Beans() {}

  static class Checkout {
    final HermesPublisher<Message> publisher;

    Checkout(
        @EventTypes({OrderPlaced.class, OrderPaid.class, OrderCancelled.class})
            HermesPublisher<Message> publisher) {
      this.publisher = publisher;
    }
  }

  static class Mirror {
    final HermesPublisher<UserEvent> here;
    final HermesPublisher<UserEvent> eu;

    Mirror(HermesPublisher<UserEvent> here, @HermesCluster("eu") HermesPublisher<UserEvent> eu) {
      this.here = here;
      this.eu = eu;
    }
  }

  @RestControllerAdvice
  static class Unavailable {

    @ExceptionHandler
    ResponseEntity<Void> rejected(PublishRejectedException e) {
      if (!e.isRetryable()) {
        throw e; // stays an error 500
      }
      return ResponseEntity.status(503).header("Retry-After", "5").build();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Customizers {

    @Bean
    HermesSubscriberCustomizer withoutRetriesOfInvalidEvents() {
      return (group, subscriber) ->
          subscriber.onError(
              ErrorPolicy.retry(5).on(IllegalArgumentException.class, Decision.DEAD_LETTER));
    }

    @Bean
    HermesPublisherCustomizer largerEvents() {
      return publisher -> publisher.zstd(ZstdOptions.builder().maxEventBytes(32 << 20).build());
    }
  }
}
