package io.hermes.spring;

import io.hermes.publish.HermesPublisher;

/**
 * Changes publishers before they connect, for what has no property. All beans of this type are
 * called in their order, again for each attempt to connect.
 */
@FunctionalInterface
public interface HermesPublisherCustomizer {

  /**
   * Changes one publisher. The properties were applied before.
   *
   * @param builder builds it
   */
  void customize(HermesPublisher.Builder<?> builder);
}
