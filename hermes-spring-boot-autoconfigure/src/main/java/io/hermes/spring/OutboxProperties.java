package io.hermes.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outbox: events that are published with a database transaction. */
public class OutboxProperties {

  /** Whether there is an outbox, if hermes-jdbc and a DataSource are there. */
  private boolean enabled = true;

  /** Whether missing tables of the outbox are created, for development and tests. */
  private boolean createTables;

  /** The relay, which writes the events of the outbox to Kafka. */
  private final Relay relay = new Relay();

  public boolean isEnabled() {
    return enabled;
  }

  public void setEnabled(boolean enabled) {
    this.enabled = enabled;
  }

  public boolean isCreateTables() {
    return createTables;
  }

  public void setCreateTables(boolean createTables) {
    this.createTables = createTables;
  }

  public Relay getRelay() {
    return relay;
  }

  /** The relay, which writes the events of the outbox to Kafka. */
  public static class Relay {

    /** Whether this application has a relay; otherwise, another one must have it. */
    private boolean enabled = true;

    /** How long an instance that stopped without saying so keeps its shards. Default: 15 s. */
    private @Nullable Duration lease;

    /** How often the relay looks for events that nobody has announced. Default: 1 s. */
    private @Nullable Duration pollInterval;

    /** How long Kafka tries to deliver an event before it is published again. Default: 120 s. */
    private @Nullable Duration deliveryTimeout;

    /** Whether an event that was rejected and set aside holds back later ones of its key. */
    private boolean parkedHoldsKey = true;

    public boolean isEnabled() {
      return enabled;
    }

    public void setEnabled(boolean enabled) {
      this.enabled = enabled;
    }

    public @Nullable Duration getLease() {
      return lease;
    }

    public void setLease(@Nullable Duration lease) {
      this.lease = lease;
    }

    public @Nullable Duration getPollInterval() {
      return pollInterval;
    }

    public void setPollInterval(@Nullable Duration pollInterval) {
      this.pollInterval = pollInterval;
    }

    public @Nullable Duration getDeliveryTimeout() {
      return deliveryTimeout;
    }

    public void setDeliveryTimeout(@Nullable Duration deliveryTimeout) {
      this.deliveryTimeout = deliveryTimeout;
    }

    public boolean isParkedHoldsKey() {
      return parkedHoldsKey;
    }

    public void setParkedHoldsKey(boolean parkedHoldsKey) {
      this.parkedHoldsKey = parkedHoldsKey;
    }
  }
}
