package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.ContractException;
import io.hermes.Topic;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.PublisherObserver;
import io.hermes.spring.ClusterProperties.Role;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.util.StringUtils;

/**
 * The application's publishers: one for each cluster, for all types that are injected anywhere. A
 * type that is first injected after its cluster's publisher is in use gets a separate publisher.
 * Thread-safe.
 */
final class HermesPublishers implements SmartLifecycle, DisposableBean {

  /** Starts before the web server and all other beans; starting only begins to connect. */
  private static final int PHASE = Integer.MIN_VALUE + 1_000;

  private static final int RECORDS = 50_000;
  private static final long BYTES = 32L << 20;

  /**
   * What all publishers are built with.
   *
   * @param observers follow each event
   * @param customizers change each publisher
   */
  record Parts(
      Clusters clusters,
      HermesProperties.Publisher properties,
      List<PublisherObserver> observers,
      List<HermesPublisherCustomizer> customizers,
      ShutdownBudget budget) {}

  /** The publishers of one cluster. */
  private static final class OfCluster {

    private final Map<Class<?>, Topic<?>> types = new LinkedHashMap<>();
    private final Set<String> untyped = new LinkedHashSet<>(); // injection points for any type
    private final List<ConnectingPublisher> publishers = new ArrayList<>(); // the first has types
    private final Map<Class<?>, ConnectingPublisher> late = new HashMap<>(); // also in publishers
  }

  private final Parts parts;
  private final Map<String, OfCluster> clusters = new LinkedHashMap<>(); // under this
  private volatile boolean running;

  HermesPublishers(Parts parts) {
    this.parts = parts;
  }

  /** Returns the publisher for an injection point, which declares the type of its events. */
  HermesPublisher<?> injected(InjectionPoint point) {
    ResolvableType type =
        point instanceof DependencyDescriptor descriptor
            ? descriptor.getResolvableType()
            : ResolvableType.forClass(HermesPublisher.class);
    ResolvableType generic = type.as(HermesPublisher.class).getGeneric(0);
    Class<?> event = generic.getType() instanceof TypeVariable ? null : generic.resolve();
    if (event == null || !Message.class.isAssignableFrom(event)) {
      throw new InvalidPropertyException(
          StringUtils.capitalize(place(point))
              + " is a HermesPublisher without the type of its events.",
          "Inject a HermesPublisher<UserEvent>, with your type, or a HermesPublisher<Message>.",
          null);
    }
    HermesCluster cluster = annotation(point, HermesCluster.class);
    String name = cluster == null ? Clusters.DEFAULT : cluster.value();
    parts.clusters.settings(name, Role.PUBLISHER, "@HermesCluster of " + place(point));
    try {
      if (event == Message.class) {
        registerTypes(name, annotation(point, EventTypes.class), point);
        return new InjectedPublisher<>(() -> first(name), null);
      }
      return ofType(name, event.asSubclass(Message.class));
    } catch (ContractException e) {
      throw new InvalidPropertyException(
          StringUtils.capitalize(place(point)) + " cannot get a HermesPublisher. " + e.getMessage(),
          "Inject a publisher of a type that has a contract.",
          e);
    }
  }

  /** Describes the injection point so that a developer can find it. */
  private static String place(InjectionPoint point) {
    String type = point.getMember().getDeclaringClass().getName();
    MethodParameter parameter = point.getMethodParameter();
    if (parameter == null) {
      return "the field " + type + "." + point.getMember().getName();
    }
    Executable executable = parameter.getExecutable();
    String number = "parameter " + (parameter.getParameterIndex() + 1);
    return executable instanceof Constructor
        ? number + " of the constructor of " + type
        : number + " of " + type + "." + executable.getName();
  }

  private synchronized void registerTypes(
      String cluster, @Nullable EventTypes types, InjectionPoint point) {
    OfCluster known = clusters.computeIfAbsent(cluster, name -> new OfCluster());
    if (types == null) {
      known.untyped.add(place(point));
      return;
    }
    for (Class<? extends Message> type : types.value()) {
      var unused = ofType(cluster, type);
    }
  }

  private static <A extends Annotation> @Nullable A annotation(
      InjectionPoint point, Class<A> type) {
    return point.getAnnotation(type);
  }

  private synchronized <M extends Message> HermesPublisher<M> ofType(
      String cluster, Class<M> type) {
    Topic<M> topic = Topic.of(type);
    OfCluster known = clusters.computeIfAbsent(cluster, name -> new OfCluster());
    if (known.publishers.isEmpty()) {
      known.types.put(type, topic);
    }
    if (known.types.containsKey(type)) {
      return new InjectedPublisher<>(() -> first(cluster), topic);
    }
    ConnectingPublisher late = known.late.get(type);
    if (late == null) {
      late = open(cluster, List.of(topic));
      known.late.put(type, late);
      known.publishers.add(late);
    }
    ConnectingPublisher ofType = late;
    return new InjectedPublisher<>(() -> ofType, topic);
  }

  /** Returns the publisher for all types of a cluster. It is opened on first use. */
  private synchronized ConnectingPublisher first(String cluster) {
    OfCluster known = clusters.computeIfAbsent(cluster, name -> new OfCluster());
    if (known.publishers.isEmpty()) {
      if (known.types.isEmpty()) {
        throw new InvalidPropertyException(
            "A HermesPublisher<Message> is injected, but the types that it publishes are unknown: "
                + String.join("; ", known.untyped)
                + ".",
            "Annotate it with @EventTypes({UserEvent.class, ...}), with your types.",
            null);
      }
      known.publishers.add(open(cluster, List.copyOf(known.types.values())));
    }
    return known.publishers.get(0);
  }

  private ConnectingPublisher open(String cluster, List<Topic<?>> topics) {
    String owner =
        "Publisher of " + topics.stream().map(Topic::name).distinct().toList() + named(cluster);
    KafkaSettings settings = parts.clusters.settings(cluster, Role.PUBLISHER, owner);
    HermesPublisher.Builder<Message> builder = HermesPublisher.builder().settings(settings);
    topics.forEach(builder::topic);
    apply(parts.properties, builder);
    parts.observers.forEach(builder::observer);
    parts.customizers.forEach(customizer -> customizer.customize(builder));
    ConnectingPublisher publisher = new ConnectingPublisher(owner, builder);
    publisher.begin();
    return publisher;
  }

  private static String named(String cluster) {
    return cluster.equals(Clusters.DEFAULT) ? "" : " on cluster " + cluster;
  }

  private static void apply(
      HermesProperties.Publisher properties, HermesPublisher.Builder<Message> builder) {
    if (properties.isCreateTopics()) {
      builder.createTopics();
    }
    Integer given = properties.getMaxInFlightRecords();
    int records = given == null ? RECORDS : given;
    apply("max-in-flight-records", "maxInFlight", given, r -> builder.maxInFlight(r, BYTES));
    apply(
        "max-in-flight-bytes",
        "maxInFlight",
        properties.getMaxInFlightBytes(),
        bytes -> builder.maxInFlight(records, bytes.toBytes()));
    apply("max-wait", "maxWait", properties.getMaxWait(), builder::maxWait);
    apply(
        "delivery-timeout",
        "deliveryTimeout",
        properties.getDeliveryTimeout(),
        builder::deliveryTimeout);
  }

  private static <T> void apply(
      String name,
      String setting,
      @Nullable T value,
      Function<T, HermesPublisher.Builder<Message>> change) {
    if (value != null) {
      SpringWords.apply(setting, "hermes.publisher." + name, () -> change.apply(value));
    }
  }

  /** Returns all publishers by unique name. */
  synchronized Map<String, ConnectingPublisher> all() {
    Map<String, ConnectingPublisher> all = new LinkedHashMap<>();
    clusters.forEach(
        (cluster, known) -> {
          for (int i = 0; i < known.publishers.size(); i++) {
            String name = cluster.equals(Clusters.DEFAULT) ? "publisher" : "publisher-" + cluster;
            all.put(i == 0 ? name : name + "-" + (i + 1), known.publishers.get(i));
          }
        });
    return all;
  }

  @Override
  public void start() {
    running = true;
    List<String> names;
    synchronized (this) {
      names = List.copyOf(clusters.keySet());
    }
    names.forEach(this::first);
  }

  /** Keeps the publishers open, since beans may publish until they are destroyed. */
  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  /** Closes the publishers, after all beans that use one have been destroyed. */
  @Override
  public void destroy() {
    all().values().forEach(publisher -> publisher.close(parts.budget.ofPublishers()));
  }
}
