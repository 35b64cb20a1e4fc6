package io.hermes.subscribe;

import io.hermes.Topic;
import io.hermes.kafka.TopicPattern;
import java.util.List;
import java.util.Optional;

/**
 * What a subscriber is to be: its configuration, and what its handlers make of it. Immutable.
 *
 * @param contracts the topics of its handlers
 */
record Plan(SubscriberConfig config, Routes routes, List<Topic<?>> contracts, Patience patience) {

  /** What a pattern matches; empty if topics are named. */
  Optional<TopicPattern> pattern() {
    return config
        .pattern()
        .map(given -> TopicPattern.without(DeadLetterHeaders.topicOf(""), given));
  }
}
