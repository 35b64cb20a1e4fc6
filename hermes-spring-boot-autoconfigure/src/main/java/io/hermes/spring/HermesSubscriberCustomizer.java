package io.hermes.spring;

import io.hermes.subscribe.SubscriberBuilder;

/**
 * Changes subscribers before they are built, for what has no property: an {@code ErrorPolicy} by
 * type of exception, an executor, a topic pattern, a listener. All beans of this type are called in
 * their order.
 */
@FunctionalInterface
public interface HermesSubscriberCustomizer {

  /**
   * Changes one subscriber. The properties were applied before.
   *
   * @param group its group, as the listener names it
   * @param builder builds it
   */
  void customize(String group, SubscriberBuilder<?> builder);
}
