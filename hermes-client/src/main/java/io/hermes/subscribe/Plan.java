package io.hermes.subscribe;

import io.hermes.Topic;
import io.hermes.kafka.TopicPattern;
import java.util.List;
import java.util.Optional;

/**
 * The plan of a subscriber: its configuration, and what follows from its handlers. Immutable.
 *
 * @param contracts the topics of its handlers
 * @param pipe the plan of a pipe; empty for other subscribers
 */
record Plan(
    SubscriberConfig config,
    Routes routes,
    List<Topic<?>> contracts,
    Patience patience,
    Optional<PipePlan> pipe) {

  /** Frees the resources of its serializers and deserializers. */
  void close() {
    routes.close();
    pipe.ifPresent(any -> any.encoders().close());
  }

  /** The pattern of topics, without dead-letter topics; empty if topics are named. */
  Optional<TopicPattern> pattern() {
    return config
        .pattern()
        .map(given -> TopicPattern.without(DeadLetterHeaders.topicOf(""), given));
  }
}
