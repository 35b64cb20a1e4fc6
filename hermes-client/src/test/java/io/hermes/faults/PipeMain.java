package io.hermes.faults;

import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesPipe;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A pipe in a JVM of its own, whose handler takes up to 20 ms, sometimes two seconds, fails now and
 * then when it has already emitted something, and for some events always: these are dead letters.
 *
 * <p>Arguments: bootstrap servers, topic of the inputs, topics of the two outputs, group, {@code
 * group.protocol}.
 */
final class PipeMain {

  static final int TRANSACTION_TIMEOUT_MS = 10_000;

  /** What no attempt will handle. */
  private static final class PoisonException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private PipeMain() {}

  public static void main(String[] args) {
    Child.endWithParent();
    HermesPipe.from(Events.topic(args[1]))
        .to(PipeEvents.orders(args[2]))
        .to(PipeEvents.payments(args[3]))
        .settings(settings(args[0], args[5]))
        .group(args[4])
        .concurrency(4)
        .onError(
            ErrorPolicy.retryForever()
                .backoff(Duration.ofMillis(50), Duration.ofSeconds(1))
                .on(PoisonException.class, Decision.DEAD_LETTER))
        .start(PipeMain::handle)
        .runUntilShutdown();
  }

  private static KafkaSettings settings(String bootstrapServers, String protocol) {
    KafkaSettings.Builder settings =
        KafkaSettings.builder()
            .bootstrapServers(bootstrapServers)
            .openTimeout(Duration.ofMinutes(1))
            .property("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
            .property("group.protocol", protocol);
    if (protocol.equals("classic")) { // with the new one the brokers say how long
      settings.property("session.timeout.ms", 6000).property("heartbeat.interval.ms", 1000);
    }
    return settings.build();
  }

  private static void handle(Delivery<UserEvent> delivery, Emitter out)
      throws InterruptedException {
    UserEvent input = delivery.event();
    String position =
        PipeEvents.position(delivery.record().partition(), delivery.record().offset());
    List<Message> outputs = PipeEvents.outputs(input, position);
    out.emit(outputs.get(0));
    if (PipeEvents.isPoison(input)) {
      throw new PoisonException();
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Thread.sleep(random.nextInt(random.nextInt(200) == 0 ? 2_000 : 20));
    if (random.nextInt(50) == 0) {
      throw new IllegalStateException("now and then");
    }
    outputs.subList(1, outputs.size()).forEach(out::emit);
  }
}
