package io.hermes.faults;

import com.google.protobuf.Message;
import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.HermesPipe;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import java.util.List;

/**
 * A pipe in a JVM of its own, whose handler takes up to 20 ms, sometimes two seconds, fails now and
 * then when it has already emitted something, and for some events always: these are dead letters.
 *
 * <p>Arguments: bootstrap servers, topic of the inputs, topics of the two outputs, group, {@code
 * group.protocol}.
 */
final class PipeMain {

  static final int TRANSACTION_TIMEOUT_MS = 10_000;

  private PipeMain() {}

  public static void main(String[] args) {
    Child.endWithParent();
    HermesPipe.from(Events.topic(args[1]))
        .to(PipeEvents.orders(args[2]))
        .to(PipeEvents.payments(args[3]))
        .settings(
            Members.settings(args[0], args[5])
                .property("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
                .build())
        .group(args[4])
        .concurrency(4)
        .onError(Members.policy())
        .start(PipeMain::handle)
        .runUntilShutdown();
  }

  private static void handle(Delivery<UserEvent> delivery, Emitter out)
      throws InterruptedException {
    UserEvent input = delivery.event();
    String position =
        PipeEvents.position(delivery.record().partition(), delivery.record().offset());
    List<Message> outputs = PipeEvents.outputs(input, position);
    out.emit(outputs.get(0));
    if (PipeEvents.isPoison(input)) {
      throw new Members.PoisonException();
    }
    Members.work(2_000);
    outputs.subList(1, outputs.size()).forEach(out::emit);
  }
}
