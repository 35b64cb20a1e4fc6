package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the parts of a subscriber and connects them. */
final class Assembly {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final SubscriberConfig config;
  private final Member member;
  private final Executor commitThread;
  private final AtomicReference<@Nullable Thread> pollThread = new AtomicReference<>();
  private final Lifecycle lifecycle;
  private final Faults faults;
  private final Observers observers;
  private final Counters counters = new Counters();
  private final KeyQueues queues = new KeyQueues();
  private final Workers workers;
  private final DeadLetterOutlet deadLetters;
  private final Committer committer;
  private final FailureLog failureLog;
  private final Rebalance rebalance;
  private final HealthBoard health;
  private final BrokerWatch brokers;
  private final PollLoop loop;

  /** What a subscriber gets from outside; tests step all of it by hand. */
  record Resources(
      Member member,
      TopicIds topicIds,
      ClusterState cluster,
      Executor threads,
      Executor commitThread,
      Timer timer) {}

  Assembly(Plan plan, Resources resources) {
    this.config = plan.config();
    this.member = resources.member;
    this.commitThread = resources.commitThread;
    Group group = Group.of(config.group(), config.settings());
    this.lifecycle = new Lifecycle(this::wakeUp);
    this.faults = new Faults("Group " + config.group(), LOG);
    this.observers = observers(config);
    Completions completions = new Completions(this::wakeUp);
    Producers producers = new Producers(config);
    RefusedOutputs refused = new RefusedOutputs(producers.failures());
    this.deadLetters = outlet(plan, group, producers, refused);
    this.failureLog = new FailureLog(config.group(), resources.timer);
    Outcomes.Targets targets =
        new Outcomes.Targets(
            queues,
            slots(),
            completions,
            resources.timer,
            deadLetters,
            observers,
            counters,
            failureLog,
            this::stop);
    Outcomes outcomes = new Outcomes(config.onError(), targets);
    WorkRunner runner = new WorkRunner(outcomes, observers, counters);
    this.workers = new Workers(resources.threads, config.concurrency(), queues, runner, faults);
    this.health = new HealthBoard(member, counters, observers);
    this.committer = committer(plan, group, producers, refused, completions::alarm);
    FlowControl flow =
        new FlowControl(config.maxRecords(), config.maxBytes(), committer, observers);
    Finished finished = new Finished(completions, committer, flow, counters);
    this.rebalance =
        new Rebalance(
            group,
            member,
            committer,
            new Rebalance.Targets(flow, queues, workers, observers, counters, faults),
            new Rebalance.Rules(
                config.from(), config.drainTimeout(), resources.topicIds, plan.pipe().isPresent()),
            finished);
    Patience patience = plan.patience();
    this.brokers =
        new BrokerWatch(
            () -> member.consumer().metrics(),
            resources.cluster::brokers,
            faults,
            where(),
            patience.brokers());
    this.loop =
        new PollLoop(
            member,
            lifecycle,
            config.order(),
            new PollLoop.Parts(
                rebalance,
                topicWatch(resources.topicIds),
                new MembershipWatch(group, member, rebalance, faults, patience.membership()),
                brokers,
                new EndsWatch(resources.cluster, brokers, rebalance, faults, patience),
                committer,
                flow,
                queues,
                plan.routes(),
                workers,
                finished,
                new PollFailures(group, member, rebalance, flow, faults),
                health));
  }

  private DeadLetterOutlet outlet(
      Plan plan, Group group, Producers producers, RefusedOutputs refused) {
    UnwrittenDeadLetters unwritten = new UnwrittenDeadLetters(group, faults);
    return plan.pipe().isPresent()
        ? new SliceDeadLetters(group.name(), refused, unwritten)
        : new DeadLetters(producers::ofDeadLetters, group.name(), unwritten);
  }

  private Committer committer(
      Plan plan, Group group, Producers producers, RefusedOutputs refused, Runnable alarm) {
    Duration confirmation = plan.patience().confirmation();
    Optional<PipePlan> pipe = plan.pipe();
    if (pipe.isPresent()) {
      return new SliceCommitter(
          new PipeProducer(
              producers.ofTransactions(),
              "Group " + config.group(),
              producers.failures(),
              commitThread),
          new SliceCommitter.Limits(pipe.get().maxSlice(), pipe.get().maxEvents(), confirmation),
          new SliceCommitter.Targets(
              member,
              group,
              refused,
              new SliceFailures(group, faults, plan.patience().pause(), counters),
              observers,
              alarm));
    }
    // Kafka's own properties, where they are set.
    Duration interval =
        interval(ConsumerConfig.AUTO_COMMIT_INTERVAL_MS_CONFIG, OffsetCommitter.DEFAULT_INTERVAL);
    return new OffsetCommitter(
        member, group, new OffsetCommitter.Pace(interval, confirmation), faults, observers);
  }

  private static Observers observers(SubscriberConfig config) {
    List<SubscriberObserver> all = new ArrayList<>();
    if (MdcObserver.isOfUse()) {
      all.add(new MdcObserver(config.keyInMdc()));
    }
    all.addAll(config.observers());
    return new Observers(config.group(), config.listener(), all);
  }

  /** Defers to the workers, which are created later: they and the outcomes need each other. */
  private Slots slots() {
    return new Slots() {
      @Override
      public void wake(int ready) {
        workers.wake(ready);
      }

      @Override
      public void giveBack() {
        workers.giveBack();
      }
    };
  }

  private TopicWatch topicWatch(TopicIds topicIds) {
    Duration interval =
        interval(ConsumerConfig.METADATA_MAX_AGE_CONFIG, TopicWatch.DEFAULT_INTERVAL);
    return new TopicWatch(topicIds, rebalance, config.topics(), faults, where(), interval);
  }

  private Duration interval(String key, Duration usual) {
    Object millis = config.settings().consumerProperties(Map.of()).get(key);
    return millis == null ? usual : Duration.ofMillis(Long.parseLong(millis.toString()));
  }

  private void stop(Throwable cause) {
    HermesException failure =
        cause instanceof HermesException known
            ? known
            : new HermesException("The subscriber failed.", cause);
    lifecycle.close(System.nanoTime() + TimeUnit.SECONDS.toNanos(30), failure);
  }

  private void wakeUp() {
    Thread thread = pollThread.get();
    if (thread != null) {
      member.wakeUp(thread);
    }
  }

  /** Sets the poll thread, which can be woken from now on. */
  void wakesUp(Thread thread) {
    pollThread.set(thread);
  }

  /** Checks the handlers and the dead letters; to be run every second. */
  Runnable watchdog() {
    Watchdog handlers = new Watchdog(config.group(), workers, observers);
    return () -> {
      try {
        deadLetters.check(System.nanoTime());
        handlers.run();
      } catch (Throwable e) { // a timer does not repeat a task that threw
        Thrown.log(
            "Group " + group(),
            () -> LOG.error("Group {}: the watchdog failed and tries again", group(), e));
      }
    };
  }

  String group() {
    return config.group();
  }

  String where() {
    return config.settings().bootstrapServers();
  }

  Member member() {
    return member;
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

  Committer committer() {
    return committer;
  }

  DeadLetterOutlet deadLetters() {
    return deadLetters;
  }

  FailureLog failureLog() {
    return failureLog;
  }

  KeyQueues queues() {
    return queues;
  }

  Workers workers() {
    return workers;
  }

  Observers observers() {
    return observers;
  }

  Faults faults() {
    return faults;
  }

  Duration sinceResponse() {
    return brokers.sinceResponse();
  }

  Counters counters() {
    return counters;
  }

  HealthBoard health() {
    return health;
  }
}
