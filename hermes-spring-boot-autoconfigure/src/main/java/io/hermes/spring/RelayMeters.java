package io.hermes.spring;

import io.hermes.jdbc.OutboxHealth;
import java.util.function.Supplier;

/** Registers the meters of a relay, if the application has a meter registry. */
@FunctionalInterface
interface RelayMeters {

  /**
   * Registers the meters.
   *
   * @return removes the meters
   */
  Runnable open(Supplier<OutboxHealth> health);
}
