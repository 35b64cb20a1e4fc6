package io.hermes.subscribe;

import io.hermes.Topic;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks what a subscriber needs, on the caller's thread, and creates its resources: a consumer, a
 * connection for queries about topics, a timer, threads. Closes all of them.
 */
final class Startup {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final Plan plan;
  private final SubscriberConfig config;
  private final BrokerQueries topics;
  private final Map<String, Object> properties; // of each consumer
  private final Consumer<byte[], byte[]> consumer;
  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService commitThread; // its thread starts with the first commit of a pipe
  private final @Nullable ExecutorService ownThreads;
  private @Nullable Rebalance rebalance; // set once, by begin

  private Startup(
      Plan plan,
      BrokerQueries topics,
      Map<String, Object> properties,
      Consumer<byte[], byte[]> consumer) {
    this.plan = plan;
    this.config = plan.config();
    this.topics = topics;
    this.properties = properties;
    this.consumer = consumer;
    String name = "hermes-timer-" + config.group() + "-";
    this.timer = new ScheduledThreadPoolExecutor(1, HandlerThreads.daemons(name));
    this.commitThread =
        Executors.newSingleThreadExecutor(
            HandlerThreads.daemons("hermes-commit-" + config.group() + "-"));
    this.ownThreads =
        config.executor().isPresent()
            ? null
            : HandlerThreads.own(config.group(), config.concurrency());
  }

  /**
   * Checks and connects, all within the open timeout.
   *
   * @throws io.hermes.HermesException if anything is missing
   */
  static Startup of(Plan plan) {
    NativeLibrary.requireZstd();
    SubscriberConfig config = plan.config();
    KafkaSettings settings = ClientIds.ofGroup(config.settings(), config.group());
    config.executor().ifPresent(HandlerThreads::refuseCallerRuns);
    BrokerQueries topics =
        new BrokerQueries(
            config.group(),
            TopicAdmin.connect(settings),
            settings.bootstrapServers(),
            config.onError().mayDeadLetter());
    Consumer<byte[], byte[]> consumer = null;
    try {
      Map<String, Object> properties = consumerProperties(config.group(), settings);
      consumer = settings.clients().consumer(properties);
      List<String> names =
          plan.pattern()
              .map(pattern -> topics.names().stream().filter(pattern::matches).toList())
              .orElse(config.topics());
      if (names.isEmpty()) {
        LOG.warn(
            "Group {}: no topic matches {} yet; matching topics created later will be read",
            config.group(),
            config.pattern().orElseThrow());
      }
      names.forEach(topics::check);
      plan.contracts().stream()
          .filter(contract -> names.contains(contract.name()))
          .forEach(topics::compare);
      plan.pipe().ifPresent(pipe -> pipe.outputs().forEach(topics::checkOutput));
      if (!names.isEmpty()) {
        topics.checkGroup(names.get(0));
      }
      return new Startup(plan, topics, properties, consumer);
    } catch (RuntimeException | Error e) {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
      }
      topics.close();
      if (e instanceof KafkaException) {
        throw KafkaFailures.translate(e, settings.bootstrapServers(), null);
      }
      throw e;
    }
  }

  String clientId() {
    return String.valueOf(properties.get(ConsumerConfig.CLIENT_ID_CONFIG));
  }

  Assembly.Resources resources() {
    Executor threads = config.executor().orElse(ownThreads);
    if (threads == null) {
      throw new IllegalStateException("Neither the user nor Hermes has provided an executor.");
    }
    return new Assembly.Resources(
        new Member(config.group(), consumer, this::another),
        topics,
        topics,
        threads,
        commitThread,
        this::later);
  }

  /** Subscribes; the next poll joins the group, and may be on another thread. */
  void begin(Rebalance callbacks, Runnable watchdog) {
    this.rebalance = callbacks;
    subscribe(consumer);
    var unused = timer.scheduleWithFixedDelay(watchdog, 1, 1, TimeUnit.SECONDS);
    LOG.info(
        "Group {}: subscriber {} started; topics {}, order {}, concurrency {}, on error {}, from {},"
            + " brokers {}",
        config.group(),
        properties.get(ConsumerConfig.CLIENT_ID_CONFIG),
        config.pattern().<Object>map(pattern -> "matching " + pattern).orElse(config.topics()),
        config.order(),
        config.concurrency(),
        config.onError(),
        config.from(),
        config.settings().bootstrapServers());
    plan.pipe()
        .ifPresent(
            pipe ->
                LOG.info(
                    "Group {}: the pipe writes to {}, and commits after {} or {} events",
                    config.group(),
                    pipe.outputs().stream().map(Topic::name).distinct().toList(),
                    Words.duration(pipe.maxSlice()),
                    pipe.maxEvents()));
  }

  private void subscribe(Consumer<byte[], byte[]> subscribing) {
    Rebalance callbacks = rebalance;
    plan.pattern()
        .ifPresentOrElse(
            pattern -> subscribing.subscribe(pattern.names(), callbacks),
            () -> subscribing.subscribe(config.topics(), callbacks));
  }

  /** Creates the successor of a consumer whose membership has ended. Poll thread only. */
  private Consumer<byte[], byte[]> another() {
    Consumer<byte[], byte[]> other = config.settings().clients().consumer(properties);
    subscribe(other);
    return other;
  }

  private void later(long delayNs, Runnable task) {
    try {
      var unused = timer.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      // Closed: nothing is handled any more, so nothing is retried.
    }
  }

  private static Map<String, Object> consumerProperties(String group, KafkaSettings settings) {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    defaults.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000); // each poll wakes the workers once
    defaults.put("metadata.recovery.rebootstrap.trigger.ms", 30_000);
    defaults.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    Map<String, Object> properties = settings.consumerProperties(defaults);
    ClientIds.assign(properties, "subscriber");
    Object protocol = properties.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
    if (protocol != null && protocol.toString().equalsIgnoreCase("consumer")) {
      properties.remove(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG); // the broker assigns
    }
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    return properties;
  }

  /** Called last, by the poll thread. */
  void close() {
    timer.shutdownNow();
    commitThread.shutdown();
    if (ownThreads != null) {
      ownThreads.shutdown();
    }
    topics.close();
    plan.close();
  }
}
