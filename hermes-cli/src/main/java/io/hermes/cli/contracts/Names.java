package io.hermes.cli.contracts;

import com.google.protobuf.Message;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import java.util.Map;

/**
 * The names of topics and groups on the cluster: those of contracts, and those that a user types,
 * with the prefix {@code HERMES_TOPIC_PREFIX}. A typed name may have the prefix already, as in the
 * output of another command: no other name starts with it. Immutable.
 */
public final class Names {

  private static final String VARIABLE = "HERMES_TOPIC_PREFIX";
  private static final String LEDGER = "hermes-redrive.";

  private final String prefix;
  private final ClusterNames onCluster;

  private Names(KafkaSettings settings) {
    this.prefix = settings.topicPrefix();
    this.onCluster = ClusterNames.of(settings);
  }

  /**
   * The names of an environment.
   *
   * @throws io.hermes.SettingsException if its prefix is invalid
   */
  public static Names of(Map<String, String> environment) {
    String value = environment.getOrDefault(VARIABLE, "");
    return new Names(KafkaSettings.fromEnvironment(Map.of(VARIABLE, value)));
  }

  /** The prefix; empty if there is none. */
  public String prefix() {
    return prefix;
  }

  /** A contract with its topic's name on the cluster. */
  public <M extends Message> Topic<M> topic(Topic<M> contract) {
    return onCluster.topic(contract);
  }

  /** The topic of a typed name. */
  public String topic(String typed) {
    return isOwn(typed) ? typed : onCluster.topic(typed);
  }

  /** The group of a typed name. */
  public String group(String typed) {
    if (typed.isBlank()) {
      throw new SettingsException("The name of the group is empty.", "Give one.", null);
    }
    return isOwn(typed) ? typed : onCluster.group(typed);
  }

  /** Whether a topic or a group on the cluster belongs to this environment. */
  public boolean isOwn(String name) {
    return name.startsWith(prefix);
  }

  /** The group whose commits are the progress of {@code dlt redrive} on one page of a topic. */
  public String ledger(String topic, long page) {
    return prefix + LEDGER + topic.substring(prefix.length()) + "." + page;
  }

  /** Whether a group only stores the progress of {@code dlt redrive} and never has members. */
  public boolean isLedger(String group) {
    return group.startsWith(prefix + LEDGER);
  }
}
