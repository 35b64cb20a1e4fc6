package io.hermes.subscribe;

import io.hermes.kafka.Thrown;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the user's listener; what it throws goes to the log. Safe for any thread. */
final class ListenerCalls {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final String group;
  private final SubscriberListener listener;

  ListenerCalls(String group, SubscriberListener listener) {
    this.group = group;
    this.listener = listener;
  }

  void tell(Consumer<SubscriberListener> event) {
    try {
      event.accept(listener);
    } catch (Throwable e) { // other JVM languages throw checked exceptions from anywhere
      Thrown.log(
          "Group " + group, () -> LOG.warn("Group {}: the subscriber's listener threw", group, e));
    }
  }
}
