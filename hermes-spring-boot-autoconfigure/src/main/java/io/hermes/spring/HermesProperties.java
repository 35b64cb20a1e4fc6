package io.hermes.spring;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

/**
 * The properties below {@code hermes}; an unknown property is an error. Those of {@link
 * HandlingProperties} are the defaults for all subscribers.
 */
@ConfigurationProperties(prefix = "hermes", ignoreUnknownFields = false)
public class HermesProperties extends HandlingProperties {

  /**
   * Prefix of the name of every topic and group, for several environments on one cluster. Default:
   * none.
   */
  private @Nullable String topicPrefix;

  /** How long one attempt to connect may take. Default: 5 s. */
  private @Nullable Duration openTimeout;

  public @Nullable String getTopicPrefix() {
    return topicPrefix;
  }

  public void setTopicPrefix(@Nullable String topicPrefix) {
    this.topicPrefix = topicPrefix;
  }

  public @Nullable Duration getOpenTimeout() {
    return openTimeout;
  }

  public void setOpenTimeout(@Nullable Duration openTimeout) {
    this.openTimeout = openTimeout;
  }

  /**
   * Whether properties of spring.kafka that Hermes refuses, such as a deserializer, are meant for
   * spring-kafka, which this application uses as well.
   */
  private boolean leaveToSpringKafka;

  /** The outbox, which publishes events as part of a database transaction. */
  @NestedConfigurationProperty private final OutboxProperties outbox = new OutboxProperties();

  /** The inbox, which applies the effect of an event to a database once. */
  @NestedConfigurationProperty private final InboxProperties inbox = new InboxProperties();

  public OutboxProperties getOutbox() {
    return outbox;
  }

  public InboxProperties getInbox() {
    return inbox;
  }

  /** Settings of the publishers. */
  private final Publisher publisher = new Publisher();

  /** Settings of individual subscribers, by group. */
  private final Map<String, Subscriber> subscribers = new LinkedHashMap<>();

  /** Further clusters by name, each with the properties that spring.kafka has. */
  private final Map<String, Map<String, String>> clusters = new LinkedHashMap<>();

  public boolean isLeaveToSpringKafka() {
    return leaveToSpringKafka;
  }

  public void setLeaveToSpringKafka(boolean leaveToSpringKafka) {
    this.leaveToSpringKafka = leaveToSpringKafka;
  }

  public Publisher getPublisher() {
    return publisher;
  }

  public Map<String, Subscriber> getSubscribers() {
    return subscribers;
  }

  public Map<String, Map<String, String>> getClusters() {
    return clusters;
  }

  /** Settings of the publishers. */
  public static class Publisher {

    /** The most events that may be in flight before publishing waits. Default: 50,000. */
    private @Nullable Integer maxInFlightRecords;

    /** The most bytes in flight, uncompressed, before publishing waits. Default: 32 MB. */
    private @Nullable DataSize maxInFlightBytes;

    /** How long publishing waits for room before the event is rejected. Default: 60 s. */
    private @Nullable Duration maxWait;

    /** How long Kafka tries to deliver an event before its outcome is unknown. Default: 120 s. */
    private @Nullable Duration deliveryTimeout;

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

    public @Nullable Duration getMaxWait() {
      return maxWait;
    }

    public void setMaxWait(@Nullable Duration maxWait) {
      this.maxWait = maxWait;
    }

    public @Nullable Duration getDeliveryTimeout() {
      return deliveryTimeout;
    }

    public void setDeliveryTimeout(@Nullable Duration deliveryTimeout) {
      this.deliveryTimeout = deliveryTimeout;
    }

    /** Whether missing topics are created from their contracts, for development. */
    private boolean createTopics;

    public boolean isCreateTopics() {
      return createTopics;
    }

    public void setCreateTopics(boolean createTopics) {
      this.createTopics = createTopics;
    }
  }

  /** Settings of one subscriber. */
  public static class Subscriber extends HandlingProperties {

    /** A cluster of hermes.clusters. Default: that of the annotation, or of spring.kafka. */
    private @Nullable String cluster;

    public @Nullable String getCluster() {
      return cluster;
    }

    public void setCluster(@Nullable String cluster) {
      this.cluster = cluster;
    }

    /** The topics to subscribe to. Default: those of its types. */
    private List<String> topics = List.of();

    public List<String> getTopics() {
      return topics;
    }

    public void setTopics(List<String> topics) {
      this.topics = topics;
    }
  }
}
