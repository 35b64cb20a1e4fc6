package io.hermes.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outbox, which publishes events as part of a database transaction. */
public class OutboxProperties {

  /** Whether the outbox is enabled, if hermes-jdbc and a DataSource are present. */
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

    /** Whether this instance runs a relay; if not, another instance or application must. */
    private boolean enabled = true;

    /** How long a crashed instance keeps its shards. Default: 15 s. */
    private @Nullable Duration lease;

    /** How often the relay polls for events without having been woken. Default: 1 s. */
    private @Nullable Duration pollInterval;

    /** How long Kafka tries to deliver an event before it is published again. Default: 120 s. */
    private @Nullable Duration deliveryTimeout;

    /** Whether a parked event, which Kafka rejected, holds back later events of its key. */
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
