package io.hermes.spring;

import io.hermes.ContractException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.Words;
import io.hermes.spring.ClusterProperties.Role;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The application's subscribers: one for each group and cluster. The container builds them once all
 * beans exist, starts them after the web server, and stops them before it. On shutdown, subscribers
 * and web server finish their work in parallel. Inject this bean to pause and resume a subscriber,
 * to read its health, or to start one whose {@code auto-startup} is false.
 *
 * <p>Thread-safe.
 */
public final class HermesSubscribers implements SmartInitializingSingleton, SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  /**
   * The phase in which the web server waits for its requests to finish, so one timeout covers both.
   * The web server itself, at 2,048 less than the default, starts before this phase and stops after
   * it.
   */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1_024;

  /**
   * What all subscribers are built with.
   *
   * @param observers follow each attempt
   * @param customizers change each subscriber
   * @param once creates effects that are applied once per event; null without hermes-jdbc
   */
  record Parts(
      Clusters clusters,
      HermesProperties properties,
      List<SubscriberObserver> observers,
      List<HermesSubscriberCustomizer> customizers,
      Effects.@Nullable Once once,
      ShutdownBudget budget) {}

  private record Key(String group, String cluster) {}

  private final ConfigurableListableBeanFactory beans;
  private final Parts parts;
  private final Map<String, ManagedSubscriber> byName = new LinkedHashMap<>();
  private volatile boolean running;

  HermesSubscribers(ConfigurableListableBeanFactory beans, Parts parts) {
    this.beans = beans;
    this.parts = parts;
  }

  @Override
  public void afterSingletonsInstantiated() {
    Map<Key, List<Listener>> byGroup = new LinkedHashMap<>();
    for (Listener listener : ListenerScan.of(beans)) {
      byGroup.computeIfAbsent(key(listener), key -> new ArrayList<>()).add(listener);
    }
    byGroup.forEach(this::buildNamed);
    for (String group : parts.properties.getSubscribers().keySet()) {
      if (byGroup.keySet().stream().noneMatch(key -> key.group.equals(group))) {
        LOG.warn(
            "{} has no effect: no listener belongs to that group; the groups are {}.",
            SpringWords.group(group),
            byGroup.keySet().stream().map(Key::group).distinct().toList());
      }
    }
  }

  private Key key(Listener listener) {
    HermesListener annotation = listener.annotation();
    String given = annotation == null ? "" : resolve(listener, annotation.group());
    String group =
        given.isBlank()
            ? parts
                .clusters
                .groupId()
                .filter(name -> !name.isBlank())
                .orElseThrow(
                    () ->
                        new InvalidPropertyException(
                            listener.name() + " has no consumer group.",
                            "Set group in its @HermesListener, or spring.kafka.consumer.group-id.",
                            null))
            : given;
    String own = own(group).getCluster();
    String annotated = annotation == null ? "" : resolve(listener, annotation.cluster());
    return new Key(group, own == null ? annotated : own);
  }

  private String resolve(Listener listener, String text) {
    try {
      return Objects.requireNonNullElse(beans.resolveEmbeddedValue(text), "");
    } catch (IllegalArgumentException e) {
      throw new InvalidPropertyException(
          listener.name() + " has a placeholder that no property resolves: " + text + ".",
          "Set the property, or give a default as in ${app.group:billing}.",
          e);
    }
  }

  private HermesProperties.Subscriber own(String group) {
    return parts.properties.getSubscribers().getOrDefault(group, new HermesProperties.Subscriber());
  }

  /**
   * Names the listeners in an error, since the client does not know where its settings come from.
   */
  private void buildNamed(Key key, List<Listener> listeners) {
    try {
      build(key, listeners);
    } catch (SettingsException | ContractException e) {
      throw new SettingsException(
          "Group "
              + key.group
              + ", with the listeners "
              + listeners.stream().map(Listener::name).toList()
              + ": "
              + SpringWords.of(e.problem()),
          e.advice().map(SpringWords::of).orElse(null),
          e);
    }
  }

  private void build(Key key, List<Listener> listeners) {
    String owner =
        own(key.group).getCluster() == null
            ? listeners.get(0).name()
            : SpringWords.group(key.group) + ".cluster";
    KafkaSettings kafka = parts.clusters.settings(key.cluster, Role.SUBSCRIBER, owner);
    SubscriberSettings settings =
        new SubscriberSettings(
            key.group,
            own(key.group),
            listeners,
            parts.properties,
            parts.clusters.autoOffsetReset().orElse(null));
    Consumer<SubscriberBuilder<?>> configure =
        builder -> {
          builder.group(key.group).settings(kafka);
          settings.apply(builder, listener -> effects(listener, key.group));
          parts.observers.forEach(builder::observer);
          parts.customizers.forEach(customizer -> customizer.customize(key.group, builder));
        };
    Supplier<HermesSubscriber> build;
    Listener.Piping pipe = pipe(listeners);
    if (pipe == null) {
      SubscriberBuilder<?> builder = HermesSubscriber.builder();
      configure.accept(builder);
      build = builder::build;
    } else {
      build =
          pipe.with(
              builder -> {
                settings.apply(builder);
                builder.subscriber(configure);
              });
    }
    List<Topic<?>> topics = settings.topicsToCreate();
    ManagedSubscriber subscriber =
        new ManagedSubscriber(
            key.group, settings.startsItself(), build, unstarted -> create(topics, kafka));
    String name = key.cluster.isEmpty() ? key.group : key.group + "-" + key.cluster;
    byName.put(name, subscriber);
  }

  /** Returns the pipe of the group, which then has no other listener; null if it is not a pipe. */
  private static Listener.@Nullable Piping pipe(List<Listener> listeners) {
    for (Listener listener : listeners) {
      Listener.Piping pipe = listener.registration().pipe();
      if (pipe != null && listeners.size() == 1) {
        return pipe;
      }
      if (pipe != null) {
        throw new InvalidPropertyException(
            listener.name()
                + " emits events, but shares its group with other listeners: "
                + listeners.stream().map(Listener::name).toList()
                + ".",
            "A pipe cannot share its group: give each of these listeners a group of its own.",
            null);
      }
    }
    return null;
  }

  private Effects effects(Listener listener, String group) {
    if (!listener.once()) {
      return Effects.EACH_TIME;
    }
    if (parts.once == null) {
      throw new InvalidPropertyException(
          listener.name() + " has once = true, but there is no inbox.",
          "Add io.hermes:hermes-jdbc and spring-boot-starter-jdbc or -data-jpa.",
          null);
    }
    return parts.once.of(listener.name(), group, listener.registration().type());
  }

  private static void create(List<Topic<?>> topics, KafkaSettings kafka) {
    if (!topics.isEmpty()) {
      try (TopicAdmin admin = TopicAdmin.connect(kafka)) {
        topics.forEach(admin::createIfMissing);
      }
    }
  }

  /**
   * Returns the current subscriber of a group; each start of the application context creates a new
   * one. The container closes it.
   *
   * @param name the group, as the listener names it; followed by {@code -} and the cluster if the
   *     listener names one
   * @return the subscriber
   * @throws io.hermes.SettingsException if there is no such subscriber; the message lists the names
   */
  public HermesSubscriber subscriber(String name) {
    return managed(name).subscriber();
  }

  /**
   * Starts a subscriber whose {@code auto-startup} is false, in the background. Does nothing if it
   * has already been started.
   *
   * @param name as for {@link #subscriber}
   * @throws io.hermes.SettingsException if there is no such subscriber
   */
  public void start(String name) {
    managed(name).begin();
  }

  private ManagedSubscriber managed(String name) {
    ManagedSubscriber found = byName.get(name);
    if (found == null) {
      throw new SettingsException(
          "There is no subscriber " + name + ".", "Name one of " + byName.keySet() + ".", null);
    }
    return found;
  }

  /** Returns the subscribers by name: the group, with the cluster if the listener names one. */
  Map<String, ManagedSubscriber> all() {
    return byName;
  }

  @Override
  public void start() {
    running = true;
    parts.budget.renew();
    byName.values().stream()
        .filter(ManagedSubscriber::startsItself)
        .forEach(ManagedSubscriber::begin);
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  /** Stops all subscribers in parallel, so that each can use the whole timeout. */
  @Override
  public void stop(Runnable callback) {
    running = false;
    if (byName.isEmpty()) {
      callback.run();
      return;
    }
    Duration timeout = parts.budget.ofSubscribers();
    LOG.info(
        "Closing the subscribers {}: running handlers have {} to finish",
        byName.keySet(),
        Words.duration(timeout));
    List<CompletableFuture<Boolean>> closing = new ArrayList<>();
    for (ManagedSubscriber subscriber : byName.values()) {
      closing.add(CompletableFuture.supplyAsync(() -> subscriber.close(timeout), this::thread));
    }
    var unused =
        CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
            .whenComplete((done, failure) -> callback.run());
  }

  private void thread(Runnable task) {
    new Thread(task, "hermes-close").start();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
