package io.hermes.subscribe;

import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicPattern;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is to be. Immutable.
 *
 * @param contracts the topics of its handlers
 * @param names the topics that it reads
 * @param pattern instead of names; null if there are names
 * @param executor null for Hermes' own
 */
record SubscriberConfig(
    String group,
    KafkaSettings settings,
    Routes routes,
    List<Topic<?>> contracts,
    List<String> names,
    @Nullable TopicPattern pattern,
    ProcessingOrder order,
    int concurrency,
    ErrorPolicy policy,
    StartAt startAt,
    long mostRecords,
    long mostBytes,
    Duration drainTimeout,
    @Nullable Executor executor,
    SubscriberListener listener,
    Patience patience) {}
