package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Builds a {@link HermesPipe}. Not thread-safe.
 *
 * @param <M> the type of the handled events
 */
public final class PipeBuilder<M extends Message> {

  private static final Duration LONGEST_SLICE = Duration.ofSeconds(5);

  private final Topic<M> input;
  private final SubscriberBuilder<M> subscriber;
  private final List<Topic<?>> outputs = new ArrayList<>();
  private Duration maxSlice = Duration.ofMillis(100);
  private int maxEvents = 10_000;

  PipeBuilder(Topic<M> input) {
    this.input = input;
    this.subscriber = new SubscriberBuilder<>(input);
  }

  /** The types that the handler emits. Their topics must exist. At least one is required. */
  @SafeVarargs
  public final PipeBuilder<M> to(Class<? extends Message>... types) {
    for (Class<? extends Message> type : types) {
      to(Topic.of(type));
    }
    return this;
  }

  /** Like {@link #to(Class[])}, for a contract defined in code. */
  public PipeBuilder<M> to(Topic<?> topic) {
    outputs.add(Objects.requireNonNull(topic));
    return this;
  }

  /** The consumer group. Required. All members of the group must run the same pipe. */
  public PipeBuilder<M> group(String name) {
    subscriber.group(name);
    return this;
  }

  /**
   * How long a transaction may be open before it is committed. Emitted events become visible with
   * the commit, so a longer slice means more delay and less overhead. From 1 ms to 5 s; default:
   * 100 ms.
   */
  public PipeBuilder<M> maxSlice(Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST_SLICE) > 0) {
      throw new SettingsException(
          "maxSlice must be 1 ms to 5 s, not " + Words.duration(time) + ".", null);
    }
    this.maxSlice = time;
    return this;
  }

  /** The number of handled events after which a transaction is committed. Default: 10,000. */
  public PipeBuilder<M> maxEvents(int events) {
    if (events < 1) {
      throw new SettingsException("maxEvents must be 1 or more, not " + events + ".", null);
    }
    this.maxEvents = events;
    return this;
  }

  /** Which events are handled one after another. Default: events with the same key. */
  public PipeBuilder<M> order(ProcessingOrder processingOrder) {
    subscriber.order(processingOrder);
    return this;
  }

  /** The maximum number of events handled concurrently. Default: 8. */
  public PipeBuilder<M> concurrency(int handlers) {
    subscriber.concurrency(handlers);
    return this;
  }

  /** What happens to events whose handler fails. Default: {@link ErrorPolicy#standard()}. */
  public PipeBuilder<M> onError(ErrorPolicy errorPolicy) {
    subscriber.onError(errorPolicy);
    return this;
  }

  /** See {@link SubscriberBuilder#from}. */
  public PipeBuilder<M> from(StartAt start) {
    subscriber.from(start);
    return this;
  }

  /** Where Kafka is. Default: {@link KafkaSettings#fromEnvironment()}. */
  public PipeBuilder<M> settings(KafkaSettings kafkaSettings) {
    subscriber.settings(kafkaSettings);
    return this;
  }

  /** The maximum event size, and the dictionaries for ZSTD values. Default: 16 MiB, none. */
  public PipeBuilder<M> zstd(ZstdOptions options) {
    subscriber.zstd(options);
    return this;
  }

  /** Acks events of other types on the input topic instead of passing them to the error policy. */
  public PipeBuilder<M> ignoreOtherTypes() {
    subscriber.ignoreOtherTypes();
    return this;
  }

  /** See {@link SubscriberBuilder#maxInFlight}. Emitted events do not count towards the limit. */
  public PipeBuilder<M> maxInFlight(int records, long bytes) {
    subscriber.maxInFlight(records, bytes);
    return this;
  }

  /** See {@link SubscriberBuilder#drainTimeout}. */
  public PipeBuilder<M> drainTimeout(Duration timeout) {
    subscriber.drainTimeout(timeout);
    return this;
  }

  /** See {@link SubscriberBuilder#executor}. */
  public PipeBuilder<M> executor(Executor handlers) {
    subscriber.executor(handlers);
    return this;
  }

  /** See {@link SubscriberBuilder#listener}. */
  public PipeBuilder<M> listener(SubscriberListener subscriberListener) {
    subscriber.listener(subscriberListener);
    return this;
  }

  /** See {@link SubscriberBuilder#observer}. */
  public PipeBuilder<M> observer(SubscriberObserver observer) {
    subscriber.observer(observer);
    return this;
  }

  /**
   * Applies settings written for a subscriber to this pipe, for example those of a framework. They
   * must not add handlers.
   */
  public PipeBuilder<M> subscriber(Consumer<? super SubscriberBuilder<M>> change) {
    change.accept(subscriber);
    return this;
  }

  /** Shortens the internal intervals for tests. */
  PipeBuilder<M> patience(Patience shorter) {
    subscriber.patience(shorter);
    return this;
  }

  /**
   * Joins the group and starts handling events.
   *
   * @param handler handles every event
   * @return a running pipe; close it when you are done
   * @throws SettingsException if the group or an output is missing, or a setting is wrong
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   * @throws io.hermes.AccessException if the principal lacks a permission, such as WRITE on the
   *     transactional ids that start with {@code <group>-pipe-}
   */
  public HermesSubscriber start(PipeHandler<M> handler) {
    HermesSubscriber pipe = build(handler);
    pipe.start();
    return pipe;
  }

  /**
   * Builds a pipe that joins the group when {@link HermesSubscriber#start()} is called. Does not
   * contact a broker.
   *
   * @param handler handles every event
   * @return a pipe that is not started
   * @throws SettingsException if the group or an output is missing, or a setting is wrong
   */
  public HermesSubscriber build(PipeHandler<M> handler) {
    return new KafkaSubscriber(plan(handler));
  }

  Plan plan(PipeHandler<M> handler) {
    Objects.requireNonNull(handler, "handler");
    if (outputs.isEmpty()) {
      throw new SettingsException("A pipe needs an output.", "Call to(type).", null);
    }
    checkTransactionTimeout();
    ClusterNames names = ClusterNames.of(subscriber.settings());
    List<Topic<?>> onCluster = new ArrayList<>();
    outputs.forEach(output -> onCluster.add(names.topic(output)));
    Outputs encoders = new Outputs(onCluster, subscriber.zstd());
    return subscriber.plan(
        new PipePlan(onCluster, encoders, maxSlice, maxEvents), input, encoders.calls(handler));
  }

  /** If the coordinator aborted a transaction before it is due, it would be repeated forever. */
  private void checkTransactionTimeout() {
    String name = ProducerConfig.TRANSACTION_TIMEOUT_CONFIG;
    Map<String, Object> properties = subscriber.settings().producerProperties(Map.of());
    long leastMs = 2 * maxSlice.toMillis();
    if (Timeouts.isBelow(properties, name, leastMs)) {
      throw new SettingsException(
          "transaction.timeout.ms is "
              + properties.get(name)
              + ", but a transaction may be open for maxSlice, "
              + Words.duration(maxSlice)
              + ", before it is committed.",
          "Set it to " + leastMs + " or more, or shorten maxSlice.",
          null);
    }
  }
}
