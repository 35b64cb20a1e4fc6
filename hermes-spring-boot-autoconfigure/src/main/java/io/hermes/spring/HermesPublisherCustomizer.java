package io.hermes.spring;

import io.hermes.publish.HermesPublisher;

/**
 * Changes publishers before they connect, for settings that have no property. All beans of this
 * type are called in order, before each attempt to connect.
 */
@FunctionalInterface
public interface HermesPublisherCustomizer {

  /**
   * Changes one publisher, after the properties have been applied.
   *
   * @param builder builds the publisher
   */
  void customize(HermesPublisher.Builder<?> builder);
}
