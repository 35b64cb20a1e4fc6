package io.hermes.spring;

import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.spring.HandlingProperties.OnError.Then;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.PipeBuilder;
import io.hermes.subscribe.SubscriberBuilder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one subscriber. Its own properties override its listeners' annotations, which
 * override the properties of all subscribers. Immutable.
 */
final class SubscriberSettings {

  private static final int BATCH = 500;
  private static final int RECORDS = 10_000;
  private static final long BYTES = 64L << 20;
  private static final Duration BACKOFF = Duration.ofMillis(100);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

  /** A source of one setting. */
  @FunctionalInterface
  private interface Source<S, T> {

    /** Returns the value; null if it is not set there. */
    @Nullable T of(S place);
  }

  /**
   * The value of a setting.
   *
   * @param place where it is set, for errors
   */
  record Found<T>(T value, String place) {

    /**
     * Uses the value.
     *
     * @param setting the setting's name in the builder's messages
     */
    <R> R apply(String setting, Function<T, R> use) {
      return SpringWords.apply(setting, place, () -> use.apply(value));
    }
  }

  private final String group;
  private final HermesProperties.Subscriber own;
  private final List<Listener> listeners;
  private final HandlingProperties all;
  private final @Nullable String springFrom;

  /**
   * Collects the settings of one group.
   *
   * @param own the properties below {@code hermes.subscribers}
   * @param all the properties below {@code hermes}
   * @param springFrom {@code spring.kafka.consumer.auto-offset-reset}
   */
  SubscriberSettings(
      String group,
      HermesProperties.Subscriber own,
      List<Listener> listeners,
      HandlingProperties all,
      @Nullable String springFrom) {
    this.group = group;
    this.own = own;
    this.listeners = listeners;
    this.all = all;
    this.springFrom = springFrom;
  }

  private <T> Optional<Found<T>> own(String name, Source<HandlingProperties, T> setting) {
    T value = setting.of(own);
    return value == null
        ? Optional.empty()
        : Optional.of(new Found<>(value, SpringWords.group(group) + "." + name));
  }

  private <T> Optional<Found<T>> ofAll(String name, Source<HandlingProperties, T> setting) {
    T value = setting.of(all);
    return value == null ? Optional.empty() : Optional.of(new Found<>(value, "hermes." + name));
  }

  private <T> Optional<Found<T>> property(String name, Source<HandlingProperties, T> setting) {
    return own(name, setting).or(() -> ofAll(name, setting));
  }

  private <T> Optional<Found<T>> setting(
      String name, Source<HandlingProperties, T> setting, Source<HermesListener, T> annotated) {
    return own(name, setting).or(() -> annotated(name, annotated)).or(() -> ofAll(name, setting));
  }

  /** Returns the value from the annotations, which must not contradict each other. */
  private <T> Optional<Found<T>> annotated(String name, Source<HermesListener, T> annotated) {
    Found<T> found = null;
    for (Listener listener : listeners) {
      HermesListener annotation = listener.annotation();
      T value = annotation == null ? null : annotated.of(annotation);
      if (value == null) {
        continue;
      }
      if (found != null && !found.value.equals(value)) {
        throw new InvalidPropertyException(
            "The listeners of group %s contradict each other: %s is %s and %s."
                .formatted(group, name, found.value, value),
            "They share one subscriber: set it at one of them, or as "
                + SpringWords.group(group)
                + "."
                + name
                + ".",
            null);
      }
      found = new Found<>(value, "The " + name.replace('-', ' ') + " of " + listener.name());
    }
    return Optional.ofNullable(found);
  }

  private boolean isSet(String name, Source<HandlingProperties, Boolean> setting) {
    return property(name, setting).map(Found::value).orElse(false);
  }

  boolean startsItself() {
    return property("auto-startup", HandlingProperties::getAutoStartup)
        .map(Found::value)
        .orElse(true);
  }

  /** Returns the contracts of the topics to create if missing, with their names in the contract. */
  List<Topic<?>> topicsToCreate() {
    if (!isSet("create-topics", HandlingProperties::getCreateTopics)) {
      return List.of();
    }
    List<Topic<?>> topics = new ArrayList<>();
    for (Listener listener : listeners) {
      if (own.getTopics().isEmpty()) {
        topics.add(Topic.of(listener.registration().type()));
      }
      listener.outputs().forEach(output -> topics.add(Topic.of(output)));
    }
    return topics;
  }

  /** Applies the settings that only a pipe has. */
  void apply(PipeBuilder<?> builder) {
    for (Listener listener : listeners) {
      listener.outputs().forEach(output -> builder.to(Topic.of(output)));
    }
    property("max-slice", HandlingProperties::getMaxSlice)
        .ifPresent(found -> found.apply("maxSlice", builder::maxSlice));
    property("max-events", HandlingProperties::getMaxEvents)
        .ifPresent(found -> found.apply("maxEvents", builder::maxEvents));
  }

  void apply(SubscriberBuilder<?> builder, Function<Listener, Effects> effects) {
    setting(
            "concurrency",
            HandlingProperties::getConcurrency,
            a -> a.concurrency() == 0 ? null : a.concurrency())
        .ifPresent(found -> found.apply("concurrency", builder::concurrency));
    setting("order", HandlingProperties::getOrder, a -> a.order().length == 0 ? null : a.order()[0])
        .ifPresent(found -> found.apply("order", builder::order));
    if (!own.getTopics().isEmpty()) {
      builder.topics(own.getTopics());
    }
    property("from", HandlingProperties::getFrom)
        .or(() -> Optional.ofNullable(springFrom).map(SubscriberSettings::ofSpring))
        .ifPresent(from -> builder.from(start(from)));
    if (isSet("ignore-other-types", HandlingProperties::getIgnoreOtherTypes)) {
      builder.ignoreOtherTypes();
    }
    if (isSet("key-in-mdc", HandlingProperties::getKeyInMdc)) {
      builder.keyInMdc();
    }
    property("drain-timeout", HandlingProperties::getDrainTimeout)
        .ifPresent(found -> found.apply("drainTimeout", builder::drainTimeout));
    Optional<Found<Integer>> records =
        property("max-in-flight-records", HandlingProperties::getMaxInFlightRecords);
    records.ifPresent(found -> found.apply("maxInFlight", r -> builder.maxInFlight(r, BYTES)));
    property("max-in-flight-bytes", HandlingProperties::getMaxInFlightBytes)
        .ifPresent(
            found ->
                found.apply(
                    "maxInFlight",
                    bytes ->
                        builder.maxInFlight(
                            records.map(Found::value).orElse(RECORDS), bytes.toBytes())));
    builder.onError(policy());
    addListeners(builder, effects);
  }

  private void addListeners(SubscriberBuilder<?> builder, Function<Listener, Effects> effects) {
    Found<Integer> maxBatch =
        setting(
                "max-batch",
                HandlingProperties::getMaxBatch,
                a -> a.maxBatch() == 0 ? null : a.maxBatch())
            .orElseGet(() -> new Found<>(BATCH, "max-batch"));
    for (Listener listener : listeners) {
      Effects once = effects.apply(listener);
      maxBatch.apply("A batch's size", max -> listener.registration().addTo(builder, max, once));
    }
  }

  private static Found<String> ofSpring(String from) {
    return new Found<>(from, "spring.kafka.consumer.auto-offset-reset");
  }

  private static StartAt start(Found<String> from) {
    return switch (from.value.toLowerCase(Locale.ROOT)) {
      case "earliest", "beginning" -> StartAt.beginning();
      case "latest" -> StartAt.latest();
      default -> {
        try {
          yield StartAt.time(Instant.parse(from.value));
        } catch (DateTimeException e) {
          throw new InvalidPropertyException(
              from.place + " is '" + from.value + "', which is not a position.",
              "Set it to earliest, latest, or an instant such as 2026-11-27T08:00:00Z.",
              e);
        }
      }
    };
  }

  private ErrorPolicy policy() {
    ErrorPolicy policy =
        property("on-error.attempts", p -> p.getOnError().getAttempts())
            .map(found -> found.apply("attempts", SubscriberSettings::attempts))
            .orElseGet(ErrorPolicy::standard);
    Optional<Found<Duration>> first =
        property("on-error.backoff", p -> p.getOnError().getBackoff());
    Optional<Found<Duration>> longest =
        property("on-error.max-backoff", p -> p.getOnError().getMaxBackoff());
    ErrorPolicy patient =
        first
            .or(() -> longest)
            .map(found -> found.apply("backoff", any -> backoff(policy, first, longest)))
            .orElse(policy);
    return property("on-error.then", p -> p.getOnError().getThen())
        .map(then -> then(patient, then.value))
        .orElse(patient);
  }

  private static ErrorPolicy attempts(int attempts) {
    return attempts == 0 ? ErrorPolicy.retryForever() : ErrorPolicy.retry(attempts);
  }

  /** If only one of the two is set, adjusts the other's default so that they do not contradict. */
  private static ErrorPolicy backoff(
      ErrorPolicy policy, Optional<Found<Duration>> first, Optional<Found<Duration>> longest) {
    Duration from = first.map(Found::value).orElse(BACKOFF);
    Duration to = longest.map(Found::value).orElse(MAX_BACKOFF);
    if (to.compareTo(from) < 0 && first.isEmpty()) {
      from = to;
    } else if (to.compareTo(from) < 0 && longest.isEmpty()) {
      to = from;
    }
    return policy.backoff(from, to);
  }

  private static ErrorPolicy then(ErrorPolicy policy, Then then) {
    return switch (then) {
      case DEAD_LETTER -> policy.thenDeadLetter();
      case SKIP -> policy.thenSkip();
      case STOP -> policy.thenStop();
    };
  }
}
