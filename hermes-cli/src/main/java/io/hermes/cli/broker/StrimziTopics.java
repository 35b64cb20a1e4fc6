package io.hermes.cli.broker;

import com.google.protobuf.DynamicMessage;
import io.hermes.Topic;
import io.hermes.cli.contracts.Contracts;
import io.hermes.subscribe.DeadLetterHeaders;
import java.util.Map;
import java.util.OptionalInt;

/** The contracts' topics and their dead-letter topics as KafkaTopic resources of Strimzi. */
final class StrimziTopics {

  private final Contracts contracts;
  private final String cluster;

  StrimziTopics(Contracts contracts, String cluster) {
    this.contracts = contracts;
    this.cluster = cluster;
  }

  String yaml() {
    StringBuilder yaml =
        new StringBuilder(
            """
            # The topics of all contracts and their dead-letter topics, as Strimzi's Topic Operator creates them.
            # Written by ./hermes topics plan --format strimzi: change the contracts, not this file.
            """);
    for (String topic : contracts.names()) {
      Topic<DynamicMessage> contract = contracts.on(topic).get(0);
      add(
          yaml,
          "Events: " + contracts.messages(topic),
          topic,
          contract.partitions(),
          contract.configuration());
      add(
          yaml,
          "Dead letters of " + topic,
          DeadLetterHeaders.topicOf(topic),
          contract.partitions(),
          DeadLetterHeaders.topicConfiguration());
    }
    return yaml.toString();
  }

  /**
   * Adds a topic. Settings that the contract leaves to the broker are omitted, which Strimzi
   * interprets in the same way.
   */
  private void add(
      StringBuilder yaml,
      String comment,
      String topic,
      OptionalInt partitions,
      Map<String, String> configuration) {
    yaml.append(Strimzi.head("KafkaTopic", topic, cluster)).append("# ").append(comment);
    StringBuilder spec = new StringBuilder();
    if (!Strimzi.isResourceName(topic)) {
      spec.append("\n  topicName: ").append(Strimzi.text(topic));
    }
    partitions.ifPresent(count -> spec.append("\n  partitions: ").append(count));
    if (!configuration.isEmpty()) {
      spec.append("\n  config:");
      configuration.forEach(
          (name, value) ->
              spec.append("\n    ").append(name).append(": ").append(Strimzi.text(value)));
    }
    yaml.append("\nspec:").append(spec.isEmpty() ? " {}" : spec).append('\n');
  }
}
