package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Checks what a subscriber needs, and puts its parts together. */
final class Machine {

  private final SubscriberConfig config;
  private final TopicFacts topics;
  private final Consumer<byte[], byte[]> consumer;
  private final AtomicReference<@Nullable Thread> pollThread = new AtomicReference<>();
  private final ScheduledThreadPoolExecutor timer;
  private final @Nullable ExecutorService ownThreads;
  private final Lifecycle lifecycle;
  private final Faults faults;
  private final Workers workers;
  private final DeadLetters deadLetters;
  private final TaskRunner runner;
  private final Rebalance rebalance;
  private final HealthBoard health;
  private final PollLoop loop;

  private Machine(SubscriberConfig config, TopicFacts topics, Consumer<byte[], byte[]> consumer) {
    this.config = config;
    this.topics = topics;
    this.consumer = consumer;
    this.timer =
        new ScheduledThreadPoolExecutor(1, HandlerThreads.daemons("hermes-timer-" + group() + "-"));
    timer.setRemoveOnCancelPolicy(true);
    Executor threads = config.executor();
    if (threads == null) {
      this.ownThreads = HandlerThreads.own(config.group(), config.concurrency());
      threads = ownThreads;
    } else {
      this.ownThreads = null;
    }
    this.lifecycle = new Lifecycle(this::wakeUp);
    this.faults = new Faults(config.group());
    Events events = new Events(config.listener());
    KeyQueues queues = new KeyQueues();
    Completions completions = new Completions(this::wakeUp);
    this.workers = new Workers(threads, config.concurrency(), queues, faults);
    this.deadLetters = new DeadLetters(this::producer, config.group(), where(), faults);
    Outcomes outcomes =
        new Outcomes(
            config.policy(),
            new Outcomes.Targets(
                queues, workers, completions, this::later, deadLetters, events, this::stop));
    this.runner = new TaskRunner(config.routes(), outcomes);
    workers.use(runner);
    FlowControl flow = new FlowControl(config.mostRecords(), config.mostBytes(), events);
    this.health = new HealthBoard(consumer);
    Finished finished = new Finished(completions, flow, health);
    Committer committer = new Committer(consumer, commitInterval(config), faults, events);
    this.rebalance =
        new Rebalance(
            consumer,
            committer,
            new Rebalance.Targets(flow, queues, workers, events, faults),
            new Rebalance.Rules(config.startAt(), config.drainTimeout(), topics::idOf),
            finished);
    this.loop =
        new PollLoop(
            consumer,
            lifecycle,
            PollLoop.Lines.of(config.order(), config.routes()),
            new PollLoop.Parts(
                rebalance,
                committer,
                flow,
                queues,
                workers,
                finished,
                new PollFailures(consumer, rebalance, flow, faults, where()),
                health));
  }

  /** Checks, connects and subscribes; nothing polls yet. */
  static Machine build(SubscriberConfig config) {
    KafkaSettings settings = config.settings();
    if (config.executor() != null) {
      HandlerThreads.refuseCallerRuns(config.executor());
    }
    long deadlineNs = System.nanoTime() + settings.openTimeout().toNanos();
    TopicFacts topics =
        new TopicFacts(
            TopicAdmin.connect(settings),
            settings.bootstrapServers(),
            config.policy().mayDeadLetter());
    @Nullable Consumer<byte[], byte[]> consumer = null;
    try {
      config.names().forEach(topics::check);
      config.contracts().stream()
          .filter(contract -> config.names().contains(contract.name()))
          .forEach(topics::compare);
      consumer = settings.clients().consumer(consumerProperties(config));
      checkGroup(config, consumer, deadlineNs);
      Machine machine = new Machine(config, topics, consumer);
      machine.subscribe();
      return machine;
    } catch (RuntimeException | Error e) {
      if (consumer != null) {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
      }
      topics.close();
      if (e instanceof KafkaException) {
        throw KafkaFailures.translate(e, settings.bootstrapServers(), null);
      }
      throw e;
    }
  }

  /** A group that may not be used would be noticed only by the poll thread. */
  private static void checkGroup(
      SubscriberConfig config, Consumer<byte[], byte[]> consumer, long deadlineNs) {
    String any =
        config.names().isEmpty() ? config.contracts().get(0).name() : config.names().get(0);
    long leftNs = Math.max(TimeUnit.SECONDS.toNanos(1), deadlineNs - System.nanoTime());
    consumer.committed(Set.of(new TopicPartition(any, 0)), Duration.ofNanos(leftNs));
  }

  private void subscribe() {
    Pattern pattern = config.pattern();
    if (pattern == null) {
      consumer.subscribe(config.names(), rebalance);
    } else {
      // What could not be handled is on a dead letter topic: to handle it again would be a loop.
      String others = "(?!.*" + Pattern.quote(DeadLetterHeaders.topicOf("")) + "$)";
      consumer.subscribe(
          Pattern.compile(others + "(?:" + pattern.pattern() + ")", pattern.flags()), rebalance);
    }
  }

  private static Map<String, Object> consumerProperties(SubscriberConfig config) {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    defaults.put("metadata.recovery.rebootstrap.trigger.ms", 30_000);
    defaults.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    Map<String, Object> properties = config.settings().consumerProperties(defaults);
    Object protocol = properties.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
    if (protocol != null && protocol.toString().equalsIgnoreCase("consumer")) {
      properties.remove(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG); // it has its own
    }
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return properties;
  }

  /** Kafka's own name for it, where it is set. */
  private static Duration commitInterval(SubscriberConfig config) {
    Object interval =
        config
            .settings()
            .consumerProperties(Map.of())
            .get(ConsumerConfig.AUTO_COMMIT_INTERVAL_MS_CONFIG);
    return interval == null
        ? Committer.DEFAULT_INTERVAL
        : Duration.ofMillis(Long.parseLong(interval.toString()));
  }

  /** For dead letters, when there is the first. */
  private Producer<byte[], byte[]> producer() {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    defaults.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 32 << 20);
    defaults.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    defaults.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    Map<String, Object> properties = config.settings().producerProperties(defaults);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    return config.settings().clients().producer(properties);
  }

  private void later(long delayNs, Runnable task) {
    try {
      var unused = timer.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      // Nothing is handled any more, so nothing is retried.
    }
  }

  private void stop(Throwable cause) {
    HermesException told =
        cause instanceof HermesException known
            ? known
            : new HermesException("A part of the subscriber failed.", cause);
    lifecycle.close(System.nanoTime() + TimeUnit.SECONDS.toNanos(30), told);
  }

  private void wakeUp() {
    Thread thread = pollThread.get();
    if (thread != null) {
      KafkaSubscriber.wakeUp(consumer, thread);
    }
  }

  /** From now on there is a thread to be woken. */
  void wakesUp(Thread thread) {
    pollThread.set(thread);
    var unused =
        timer.scheduleWithFixedDelay(
            new Watchdog(workers, new Events(config.listener())), 1, 1, TimeUnit.SECONDS);
  }

  /** The last step, by the poll thread. */
  void close() {
    timer.shutdownNow();
    if (ownThreads != null) {
      ownThreads.shutdown();
    }
    topics.close();
  }

  String group() {
    return config.group();
  }

  String where() {
    return config.settings().bootstrapServers();
  }

  Consumer<byte[], byte[]> consumer() {
    return consumer;
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  PollLoop loop() {
    return loop;
  }

  Rebalance rebalance() {
    return rebalance;
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  Workers workers() {
    return workers;
  }

  TaskRunner runner() {
    return runner;
  }

  Faults faults() {
    return faults;
  }

  HealthBoard health() {
    return health;
  }
}
