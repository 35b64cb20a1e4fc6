package io.hermes.spring;

import io.hermes.subscribe.ProcessingOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** How events are handled. Null means not set. */
public class HandlingProperties {

  /** The most events that a subscriber handles concurrently. Default: 8. */
  private @Nullable Integer concurrency;

  /** Which records are handled one after another: key (the default), partition or unordered. */
  private @Nullable ProcessingOrder order;

  /** The largest batch of a listener that takes a list. Default: 500. */
  private @Nullable Integer maxBatch;

  /**
   * Where a group starts in a partition without a committed offset: earliest (the default), latest,
   * or an ISO 8601 instant. Default: spring.kafka.consumer.auto-offset-reset.
   */
  private @Nullable String from;

  /**
   * Whether events of types without a listener are acked instead of going to the error policy.
   * Default: false.
   */
  private @Nullable Boolean ignoreOtherTypes;

  /** The most records that may be received but not yet finished. Default: 10,000. */
  private @Nullable Integer maxInFlightRecords;

  /** The most bytes of received but not yet finished records. Default: 64 MB. */
  private @Nullable DataSize maxInFlightBytes;

  /**
   * How long listeners may keep running when their partition moves to another member. Default: 20
   * s.
   */
  private @Nullable Duration drainTimeout;

  /**
   * Whether the record key is in the MDC while a listener runs. Keys are often personal data.
   * Default: false.
   */
  private @Nullable Boolean keyInMdc;

  /** Whether subscribers start with the application. Default: true. */
  private @Nullable Boolean autoStartup;

  /**
   * Whether missing topics are created from their contracts, for development and tests. Topics that
   * the property topics names are not created. Default: false.
   */
  private @Nullable Boolean createTopics;

  /** How long a transaction of a pipe may be open before it is committed. Default: 100 ms. */
  private @Nullable Duration maxSlice;

  /** How many handled events a transaction of a pipe may have. Default: 10,000. */
  private @Nullable Integer maxEvents;

  public @Nullable Duration getMaxSlice() {
    return maxSlice;
  }

  public void setMaxSlice(@Nullable Duration maxSlice) {
    this.maxSlice = maxSlice;
  }

  public @Nullable Integer getMaxEvents() {
    return maxEvents;
  }

  public void setMaxEvents(@Nullable Integer maxEvents) {
    this.maxEvents = maxEvents;
  }

  public @Nullable Boolean getCreateTopics() {
    return createTopics;
  }

  public void setCreateTopics(@Nullable Boolean createTopics) {
    this.createTopics = createTopics;
  }

  public @Nullable Integer getConcurrency() {
    return concurrency;
  }

  public void setConcurrency(@Nullable Integer concurrency) {
    this.concurrency = concurrency;
  }

  public @Nullable ProcessingOrder getOrder() {
    return order;
  }

  public void setOrder(@Nullable ProcessingOrder order) {
    this.order = order;
  }

  public @Nullable Integer getMaxBatch() {
    return maxBatch;
  }

  public void setMaxBatch(@Nullable Integer maxBatch) {
    this.maxBatch = maxBatch;
  }

  public @Nullable String getFrom() {
    return from;
  }

  public void setFrom(@Nullable String from) {
    this.from = from;
  }

  public @Nullable Boolean getIgnoreOtherTypes() {
    return ignoreOtherTypes;
  }

  public void setIgnoreOtherTypes(@Nullable Boolean ignoreOtherTypes) {
    this.ignoreOtherTypes = ignoreOtherTypes;
  }

  public @Nullable Integer getMaxInFlightRecords() {
    return maxInFlightRecords;
  }

  public void setMaxInFlightRecords(@Nullable Integer maxInFlightRecords) {
    this.maxInFlightRecords = maxInFlightRecords;
  }

  public @Nullable DataSize getMaxInFlightBytes() {
    return maxInFlightBytes;
  }

  public void setMaxInFlightBytes(@Nullable DataSize maxInFlightBytes) {
    this.maxInFlightBytes = maxInFlightBytes;
  }

  public @Nullable Duration getDrainTimeout() {
    return drainTimeout;
  }

  public void setDrainTimeout(@Nullable Duration drainTimeout) {
    this.drainTimeout = drainTimeout;
  }

  public @Nullable Boolean getKeyInMdc() {
    return keyInMdc;
  }

  public void setKeyInMdc(@Nullable Boolean keyInMdc) {
    this.keyInMdc = keyInMdc;
  }

  public @Nullable Boolean getAutoStartup() {
    return autoStartup;
  }

  public void setAutoStartup(@Nullable Boolean autoStartup) {
    this.autoStartup = autoStartup;
  }

  /** What happens to events whose listener fails. */
  private final OnError onError = new OnError();

  public OnError getOnError() {
    return onError;
  }

  /** What happens to events whose listener fails. */
  public static class OnError {

    /** The most attempts to handle an event, including the first; 0 for no limit. Default: 5. */
    private @Nullable Integer attempts;

    /** The wait before the first retry; it doubles with each further retry. Default: 100 ms. */
    private @Nullable Duration backoff;

    /** The longest wait between two attempts. Default: 10 s. */
    private @Nullable Duration maxBackoff;

    /**
     * What happens to the event after the last attempt: dead-letter (the default), skip or stop.
     */
    private @Nullable Then then;

    /** What happens after the last attempt. */
    public enum Then {
      /** The event is written to the dead-letter topic. */
      DEAD_LETTER,
      /** The event is acked and named in the log. */
      SKIP,
      /** The subscriber closes, and the event is not acked. */
      STOP
    }

    public @Nullable Integer getAttempts() {
      return attempts;
    }

    public void setAttempts(@Nullable Integer attempts) {
      this.attempts = attempts;
    }

    public @Nullable Duration getBackoff() {
      return backoff;
    }

    public void setBackoff(@Nullable Duration backoff) {
      this.backoff = backoff;
    }

    public @Nullable Duration getMaxBackoff() {
      return maxBackoff;
    }

    public void setMaxBackoff(@Nullable Duration maxBackoff) {
      this.maxBackoff = maxBackoff;
    }

    public @Nullable Then getThen() {
      return then;
    }

    public void setThen(@Nullable Then then) {
      this.then = then;
    }
  }
}
