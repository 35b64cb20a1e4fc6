package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link HermesSubscriber}. Not thread-safe.
 *
 * @param <M> the type of {@link #start(Handler)}
 */
public final class SubscriberBuilder<M extends Message> {

  private final @Nullable Topic<M> only;
  private final List<BiConsumer<Routes.Builder, ZstdOptions>> handlers = new ArrayList<>();
  private final LinkedHashSet<String> names = new LinkedHashSet<>();
  private @Nullable Pattern pattern;
  private @Nullable String group;
  private ProcessingOrder order = ProcessingOrder.KEY;
  private int concurrency = 8;
  private boolean ignoresOtherTypes;
  private ZstdOptions zstd = ZstdOptions.defaults();
  private ErrorPolicy policy = ErrorPolicy.standard();
  private StartAt from = StartAt.beginning();
  private @Nullable KafkaSettings settings;
  private long maxRecords = 10_000;
  private long maxBytes = 64L << 20;
  private Duration drainTimeout = Duration.ofSeconds(20);
  private @Nullable Executor executor;
  private SubscriberListener listener = new SubscriberListener() {};
  private final List<SubscriberObserver> observers = new ArrayList<>();
  private boolean keyInMdc;
  private Patience patience = Patience.DEFAULT;

  SubscriberBuilder(@Nullable Topic<M> only) {
    this.only = only;
  }

  /** Handles events of one type. */
  public <T extends Message> SubscriberBuilder<M> on(Class<T> type, Handler<T> handler) {
    return on(Topic.of(type), handler);
  }

  /** Like {@link #on(Class, Handler)}, for a contract defined in code. */
  public <T extends Message> SubscriberBuilder<M> on(Topic<T> topic, Handler<T> handler) {
    Objects.requireNonNull(handler, "handler");
    handlers.add(
        (routes, zstd) -> routes.event(topic, Route.single(decoder(topic, zstd), true, handler)));
    return this;
  }

  /** Handles events of one type asynchronously: an event is acked when its stage completes. */
  public <T extends Message> SubscriberBuilder<M> onAsync(Class<T> type, AsyncHandler<T> handler) {
    return onAsync(Topic.of(type), handler);
  }

  /** Like {@link #onAsync(Class, AsyncHandler)}, for a contract defined in code. */
  public <T extends Message> SubscriberBuilder<M> onAsync(Topic<T> topic, AsyncHandler<T> handler) {
    Objects.requireNonNull(handler, "handler");
    handlers.add(
        (routes, zstd) -> routes.event(topic, new Route.Async<>(decoder(topic, zstd), handler)));
    return this;
  }

  /**
   * Handles several events of one type and partition together. The topic's records are then handled
   * in partition order, whatever {@link #order} says. With {@link ProcessingOrder#UNORDERED},
   * individual events of a batch may fail; see {@link BatchFailure#of}.
   *
   * @param max the largest batch; a batch is smaller if fewer records are available
   */
  public <T extends Message> SubscriberBuilder<M> onBatch(
      Class<T> type, int max, BatchHandler<T> handler) {
    return onBatch(Topic.of(type), max, handler);
  }

  /** Like {@link #onBatch(Class, int, BatchHandler)}, for a contract defined in code. */
  public <T extends Message> SubscriberBuilder<M> onBatch(
      Topic<T> topic, int max, BatchHandler<T> handler) {
    Objects.requireNonNull(handler, "handler");
    int size = atLeastOne(max, "A batch's size");
    handlers.add(
        (routes, zstd) ->
            routes.event(
                topic,
                new Route.Batch<>(
                    decoder(topic, zstd),
                    size,
                    order == ProcessingOrder.UNORDERED, // read when plan() runs
                    handler)));
    return this;
  }

  /**
   * Handles tombstones (records without a value) of a type's topic. The delivery has a key and no
   * event. Without such a handler, tombstones are acked. The type needs a handler for its events as
   * well, or {@link #ignoreOtherTypes()}.
   */
  public <T extends Message> SubscriberBuilder<M> onTombstone(Class<T> type, Handler<T> handler) {
    return onTombstone(Topic.of(type), handler);
  }

  /** Like {@link #onTombstone(Class, Handler)}, for a contract defined in code. */
  public <T extends Message> SubscriberBuilder<M> onTombstone(Topic<T> topic, Handler<T> handler) {
    Objects.requireNonNull(handler, "handler");
    handlers.add(
        (routes, zstd) ->
            routes.tombstone(topic, Route.single(decoder(topic, zstd), false, handler)));
    return this;
  }

  private static <T extends Message> Decoder<T> decoder(Topic<T> topic, ZstdOptions zstd) {
    return Decoder.of(new ZstdProtobufDeserializer<>(topic.parser(), zstd));
  }

  /** The consumer group. Required. Its members share the partitions and the committed offsets. */
  public SubscriberBuilder<M> group(String name) {
    this.group = Objects.requireNonNull(name);
    return this;
  }

  /** Subscribes to these topics. Default: the topics of the handlers' contracts. */
  public SubscriberBuilder<M> topics(Collection<String> topics) {
    names.addAll(topics);
    return this;
  }

  /**
   * Subscribes to all topics whose names match; dead-letter topics and Kafka's internal topics
   * never do. A topic that no contract names may carry the types of all handlers; the {@code
   * message-type} header tells them apart. With a single handler, records need no such header.
   *
   * <p>Topics created later are included once the group discovers them: it looks every {@code
   * metadata.max.age.ms} (Kafka's default: 5 minutes), and starts reading where {@link #from} says.
   * Their dead-letter topics are created at that time. Without the permission to do so, dead-letter
   * records wait and {@code health()} reports it.
   */
  public SubscriberBuilder<M> topics(Pattern topics) {
    this.pattern = Objects.requireNonNull(topics);
    return this;
  }

  /** Which records are handled one after another. Default: records with the same key. */
  public SubscriberBuilder<M> order(ProcessingOrder processingOrder) {
    this.order = Objects.requireNonNull(processingOrder);
    return this;
  }

  /** The maximum number of events handled concurrently. Default: 8. */
  public SubscriberBuilder<M> concurrency(int handlers) {
    this.concurrency = atLeastOne(handlers, "concurrency");
    return this;
  }

  /** What happens to events whose handler fails. Default: {@link ErrorPolicy#standard()}. */
  public SubscriberBuilder<M> onError(ErrorPolicy errorPolicy) {
    this.policy = Objects.requireNonNull(errorPolicy);
    return this;
  }

  /**
   * Where the group starts in a partition without a committed offset, including partitions created
   * later. Default: the beginning. With {@link StartAt#latest()} the group misses records written
   * to a new partition before it discovers that partition.
   */
  public SubscriberBuilder<M> from(StartAt start) {
    this.from = Objects.requireNonNull(start);
    return this;
  }

  /** Where Kafka is. Default: {@link KafkaSettings#fromEnvironment()}. */
  public SubscriberBuilder<M> settings(KafkaSettings kafkaSettings) {
    this.settings = Objects.requireNonNull(kafkaSettings);
    return this;
  }

  /** Acks events of types without a handler instead of passing them to the error policy. */
  public SubscriberBuilder<M> ignoreOtherTypes() {
    this.ignoresOtherTypes = true;
    return this;
  }

  /** The maximum event size, and the dictionaries for ZSTD values. Default: 16 MiB, none. */
  public SubscriberBuilder<M> zstd(ZstdOptions options) {
    this.zstd = Objects.requireNonNull(options);
    return this;
  }

  /**
   * Limits the records that are received and not yet finished. One poll (2,000 records by default)
   * may exceed the limit. Default: 10,000 records, 64 MiB.
   */
  public SubscriberBuilder<M> maxInFlight(int records, long bytes) {
    this.maxRecords = atLeastOne(records, "maxInFlight");
    if (bytes < 1) {
      throw new SettingsException("maxInFlight must be 1 byte or more, not " + bytes + ".", null);
    }
    this.maxBytes = bytes;
    return this;
  }

  /**
   * How long handlers may keep running when their partition moves to another member, before they
   * are interrupted. Must be shorter than {@code max.poll.interval.ms}. Default: 20 seconds.
   */
  public SubscriberBuilder<M> drainTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new SettingsException(
          "drainTimeout must not be negative, but is " + Words.duration(timeout) + ".", null);
    }
    this.drainTimeout = timeout;
    return this;
  }

  /**
   * The executor of the handlers. It must not run tasks on the calling thread. If it has fewer
   * threads than {@link #concurrency}, fewer events are handled concurrently. Hermes never shuts it
   * down. Default: virtual threads where the JVM has them, otherwise a pool.
   */
  public SubscriberBuilder<M> executor(Executor handlers) {
    this.executor = Objects.requireNonNull(handlers);
    return this;
  }

  /** Sets the callbacks for metrics and logs. */
  public SubscriberBuilder<M> listener(SubscriberListener subscriberListener) {
    this.listener = Objects.requireNonNull(subscriberListener);
    return this;
  }

  /** Adds an observer of each attempt to handle events, for traces and metrics. */
  public SubscriberBuilder<M> observer(SubscriberObserver observer) {
    observers.add(Objects.requireNonNull(observer));
    return this;
  }

  /**
   * Adds {@code hermes.key}, the record key, to the MDC while a handler runs. By default the MDC
   * only has {@code hermes.topic}, {@code hermes.partition} and {@code hermes.offset}, since keys
   * are often personal data.
   */
  public SubscriberBuilder<M> keyInMdc() {
    this.keyInMdc = true;
    return this;
  }

  /** Shortens the internal intervals for tests. */
  SubscriberBuilder<M> patience(Patience shorter) {
    this.patience = shorter;
    return this;
  }

  /**
   * Shorthand for {@link #on} with the builder's type, followed by {@link #start()}.
   *
   * @param handler handles every event
   * @return a running subscriber, as from {@link #start()}
   */
  public HermesSubscriber start(Handler<M> handler) {
    if (only == null) {
      throw new SettingsException(
          "This builder has no event type.",
          "Add one with on(type, handler) and call start(), or use HermesSubscriber.builder(type).",
          null);
    }
    return on(only, handler).start();
  }

  /**
   * Joins the group and starts handling events.
   *
   * @return a running subscriber; close it when you are done
   * @throws SettingsException if the group or a handler is missing, or a setting is wrong
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   * @throws io.hermes.AccessException if the principal lacks a permission, or a dead-letter topic
   *     cannot be created
   */
  public HermesSubscriber start() {
    HermesSubscriber subscriber = build();
    subscriber.start();
    return subscriber;
  }

  /**
   * Builds a subscriber that joins the group when {@link HermesSubscriber#start()} is called, for a
   * container that manages its lifecycle. Does not contact a broker.
   *
   * @return a subscriber that is not started
   * @throws SettingsException if the group or a handler is missing, or a setting is wrong
   */
  public HermesSubscriber build() {
    return new KafkaSubscriber(plan());
  }

  KafkaSettings settings() {
    return settings == null ? KafkaSettings.fromEnvironment() : settings;
  }

  ZstdOptions zstd() {
    return zstd;
  }

  Plan plan() {
    return plan(null, (routes, zstd) -> {});
  }

  /** Plans a pipe that passes the events of this topic to {@code call}. */
  <T extends Message> Plan plan(PipePlan pipe, Topic<T> topic, Route.Call<T> call) {
    return plan(
        pipe,
        (routes, zstd) ->
            routes.event(topic, new Route.Single<>(decoder(topic, zstd), true, call)));
  }

  private Plan plan(@Nullable PipePlan pipe, BiConsumer<Routes.Builder, ZstdOptions> piped) {
    String name = group;
    if (name == null || name.isBlank()) {
      String what = pipe == null ? "subscriber" : "pipe";
      throw new SettingsException("A " + what + " needs a group.", "Call group(name).", null);
    }
    if (pattern != null && !names.isEmpty()) {
      throw new SettingsException("Set either topic names or a pattern, not both.", null);
    }
    ClusterNames onCluster = ClusterNames.of(settings());
    Routes.Builder routes = new Routes.Builder(onCluster);
    piped.accept(routes, zstd);
    handlers.forEach(handler -> handler.accept(routes, zstd));
    if (ignoresOtherTypes) {
      routes.ignoreOtherTypes();
    }
    List<Topic<?>> contracts = routes.topics();
    if (contracts.isEmpty()) {
      throw new SettingsException("A subscriber needs a handler.", "Call on(type, handler).", null);
    }
    List<String> ofContracts = contracts.stream().<String>map(Topic::name).distinct().toList();
    SubscriberConfig config =
        new SubscriberConfig(
            onCluster.group(name),
            onCluster.settings(),
            pattern == null && names.isEmpty()
                ? ofContracts
                : names.stream().map(onCluster::topic).toList(),
            Optional.ofNullable(pattern).map(onCluster::topics),
            order,
            concurrency,
            policy,
            from,
            maxRecords,
            maxBytes,
            drainTimeout,
            Optional.ofNullable(executor),
            listener,
            observers,
            keyInMdc);
    return new Plan(
        config, routes.build(config.group()), contracts, patience, Optional.ofNullable(pipe));
  }

  private static int atLeastOne(int number, String what) {
    if (number < 1) {
      throw new SettingsException(what + " must be 1 or more, not " + number + ".", null);
    }
    return number;
  }
}
