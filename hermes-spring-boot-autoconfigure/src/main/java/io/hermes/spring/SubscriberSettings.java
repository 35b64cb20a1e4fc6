package io.hermes.spring;

import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.subscribe.SubscriberBuilder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The settings of one subscriber: first its own properties, then its listeners' annotations, then
 * the properties of all. Immutable.
 */
final class SubscriberSettings {

  private static final int BATCH = 500;

  /** Where one setting is. */
  @FunctionalInterface
  private interface Source<S, T> {

    /** Its value; null if it is not set there. */
    @Nullable T of(S place);
  }

  private final String group;
  private final HermesProperties.Subscriber own;
  private final List<Listener> listeners;
  private final HandlingProperties all;
  private final @Nullable String springFrom;

  /**
   * Of one group.
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

  private <T> @Nullable T property(Source<HandlingProperties, T> setting) {
    T value = setting.of(own);
    return value == null ? setting.of(all) : value;
  }

  private <T> @Nullable T setting(
      Source<HandlingProperties, T> setting, String name, Source<HermesListener, T> annotated) {
    T value = setting.of(own);
    if (value == null) {
      value = annotated(name, annotated);
    }
    return value == null ? setting.of(all) : value;
  }

  /** What the annotations say, which must be one thing. */
  private <T> @Nullable T annotated(String name, Source<HermesListener, T> annotated) {
    T found = null;
    for (Listener listener : listeners) {
      HermesListener annotation = listener.annotation();
      T value = annotation == null ? null : annotated.of(annotation);
      if (found != null && value != null && !found.equals(value)) {
        throw new InvalidPropertyException(
            "The listeners of group "
                + group
                + " contradict each other: "
                + name
                + " is "
                + found
                + " and "
                + value
                + ".",
            "They share one subscriber: set it at one of them, or as hermes.subscribers."
                + group
                + "."
                + name
                + ".",
            null);
      }
      found = value == null ? found : value;
    }
    return found;
  }

  boolean startsItself() {
    return !Boolean.FALSE.equals(property(HandlingProperties::getAutoStartup));
  }

  /** The contracts of missing topics that it creates, with their names in the contract. */
  List<Topic<?>> topicsToCreate() {
    if (!Boolean.TRUE.equals(property(HandlingProperties::getCreateTopics))
        || !own.getTopics().isEmpty()) {
      return List.of();
    }
    return listeners.stream()
        .<Topic<?>>map(listener -> Topic.of(listener.registration().type()))
        .toList();
  }

  int maxBatch() {
    Integer max =
        setting(
            HandlingProperties::getMaxBatch,
            "max-batch",
            a -> a.maxBatch() == 0 ? null : a.maxBatch());
    return max == null ? BATCH : max;
  }

  void apply(SubscriberBuilder<?> builder) {
    Integer concurrency =
        setting(
            HandlingProperties::getConcurrency,
            "concurrency",
            a -> a.concurrency() == 0 ? null : a.concurrency());
    if (concurrency != null) {
      builder.concurrency(concurrency);
    }
    ProcessingOrder order =
        setting(
            HandlingProperties::getOrder,
            "order",
            a -> a.order().length == 0 ? null : a.order()[0]);
    if (order != null) {
      builder.order(order);
    }
    if (!own.getTopics().isEmpty()) {
      builder.topics(own.getTopics());
    }
    String from = property(HandlingProperties::getFrom);
    if (from != null || springFrom != null) {
      builder.from(start(from == null ? Objects.requireNonNull(springFrom) : from));
    }
    if (Boolean.TRUE.equals(property(HandlingProperties::getIgnoreOtherTypes))) {
      builder.ignoreOtherTypes();
    }
    if (Boolean.TRUE.equals(property(HandlingProperties::getKeyInMdc))) {
      builder.keyInMdc();
    }
    Duration drain = property(HandlingProperties::getDrainTimeout);
    if (drain != null) {
      builder.drainTimeout(drain);
    }
    Integer records = property(HandlingProperties::getMaxInFlightRecords);
    DataSize bytes = property(HandlingProperties::getMaxInFlightBytes);
    if (records != null || bytes != null) {
      builder.maxInFlight(
          records == null ? 10_000 : records, bytes == null ? 64L << 20 : bytes.toBytes());
    }
    builder.onError(policy());
  }

  private StartAt start(String from) {
    return switch (from.toLowerCase(Locale.ROOT)) {
      case "earliest", "beginning" -> StartAt.beginning();
      case "latest" -> StartAt.latest();
      default -> {
        try {
          yield StartAt.time(Instant.parse(from));
        } catch (DateTimeException e) {
          throw new InvalidPropertyException(
              "Group " + group + " is to start from '" + from + "', which is not a position.",
              "Set 'from' to earliest, latest, or an instant such as 2026-11-27T08:00:00Z.",
              e);
        }
      }
    };
  }

  private ErrorPolicy policy() {
    Integer attempts = property(p -> p.getOnError().getAttempts());
    ErrorPolicy policy = ErrorPolicy.standard();
    if (attempts != null) {
      policy = attempts == 0 ? ErrorPolicy.retryForever() : ErrorPolicy.retry(attempts);
    }
    Duration first = property(p -> p.getOnError().getBackoff());
    Duration longest = property(p -> p.getOnError().getMaxBackoff());
    if (first != null || longest != null) {
      Duration from = first == null ? Duration.ofMillis(100) : first;
      Duration to = longest == null ? Duration.ofSeconds(10) : longest;
      policy = policy.backoff(from, to.compareTo(from) < 0 ? from : to);
    }
    Decision then = property(p -> p.getOnError().getThen());
    return then == null ? policy : then(policy, then);
  }

  private ErrorPolicy then(ErrorPolicy policy, Decision then) {
    return switch (then) {
      case DEAD_LETTER -> policy.thenDeadLetter();
      case SKIP -> policy.thenSkip();
      case STOP -> policy.thenStop();
      case RETRY ->
          throw new InvalidPropertyException(
              "on-error.then of group " + group + " is retry, which is not the end of retries.",
              "Set it to dead-letter, skip or stop; for retries without end, set attempts to 0.",
              null);
    };
  }
}
