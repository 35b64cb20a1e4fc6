package io.hermes.subscribe;

import io.hermes.Topic;
import io.hermes.kafka.TopicPattern;
import java.util.List;
import java.util.Optional;

/**
 * What a subscriber is to be: its configuration, and what its handlers make of it. Immutable.
 *
 * @param contracts the topics of its handlers
 * @param pipe what it is besides, if it is a pipe
 */
record Plan(
    SubscriberConfig config,
    Routes routes,
    List<Topic<?>> contracts,
    Patience patience,
    Optional<PipePlan> pipe) {

  /** Frees what its serializers and deserializers hold. */
  void close() {
    routes.close();
    pipe.ifPresent(any -> any.encoders().close());
  }

  /** What a pattern matches; empty if topics are named. */
  Optional<TopicPattern> pattern() {
    return config
        .pattern()
        .map(given -> TopicPattern.without(DeadLetterHeaders.topicOf(""), given));
  }
}
