package io.hermes.spring;

import java.time.Duration;

/** The inbox, which applies the effect of an event to a database once. */
public class InboxProperties {

  /** Whether the missing table of the inbox is created, for development and tests. */
  private boolean createTables;

  /**
   * How long the inbox remembers an event; at least as long as it can be redelivered. Default: 7 d.
   */
  private Duration retention = Duration.ofDays(7);

  public boolean isCreateTables() {
    return createTables;
  }

  public void setCreateTables(boolean createTables) {
    this.createTables = createTables;
  }

  public Duration getRetention() {
    return retention;
  }

  public void setRetention(Duration retention) {
    this.retention = retention;
  }
}
