package io.hermes.spring;

import io.hermes.subscribe.SubscriberBuilder;

/**
 * Changes subscribers before they are built, for settings that have no property: an {@code
 * ErrorPolicy} by exception type, an executor, a topic pattern, a listener. All beans of this type
 * are called in order.
 */
@FunctionalInterface
public interface HermesSubscriberCustomizer {

  /**
   * Changes one subscriber, after the properties have been applied.
   *
   * @param group the group, as the listener names it
   * @param builder builds the subscriber
   */
  void customize(String group, SubscriberBuilder<?> builder);
}
