package io.hermes.kafka;

import com.google.protobuf.Message;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.contract.schema.ContractProblems;
import java.util.regex.Pattern;

/**
 * The full names of topics and groups on a cluster: the user's names with the settings' {@linkplain
 * KafkaSettings.Builder#topicPrefix topic prefix}. Only this class adds the prefix. All code after
 * it uses full names, and {@linkplain #settings() settings} without a prefix, so that the prefix is
 * not added twice. Immutable, safe for any thread.
 */
public final class ClusterNames {

  private static final int LONGEST_TOPIC = ContractProblems.MAX_TOPIC_LENGTH;

  private final String prefix;
  private final KafkaSettings settings;

  private ClusterNames(String prefix, KafkaSettings settings) {
    this.prefix = prefix;
    this.settings = settings;
  }

  /** The names for these settings. */
  public static ClusterNames of(KafkaSettings settings) {
    String prefix = settings.topicPrefix();
    return new ClusterNames(
        prefix, prefix.isEmpty() ? settings : settings.toBuilder().topicPrefix("").build());
  }

  /** The prefix of all names; empty if there is none. */
  public String prefix() {
    return prefix;
  }

  /** The settings for code that uses full names: the same, without the prefix. */
  public KafkaSettings settings() {
    return settings;
  }

  /**
   * A contract with its topic's full name.
   *
   * @throws SettingsException if the name already has the prefix, or is too long with it
   */
  public <M extends Message> Topic<M> topic(Topic<M> contract) {
    return prefix.isEmpty() ? contract : contract.withName(topic(contract.name()));
  }

  /**
   * A topic's full name.
   *
   * @throws SettingsException if the name already has the prefix, or is too long with it
   */
  public String topic(String name) {
    String topic = prefixed("Topic", name);
    if (!prefix.isEmpty() && topic.length() > LONGEST_TOPIC) {
      throw new SettingsException(
          "Topic '%s' has %d characters with the topic prefix; Kafka allows %d."
              .formatted(topic, topic.length(), LONGEST_TOPIC),
          "Use a shorter prefix or a shorter name.",
          null);
    }
    return topic;
  }

  /**
   * A group's full name.
   *
   * @throws SettingsException if the name already has the prefix
   */
  public String group(String name) {
    return prefixed("Group", name);
  }

  /** A pattern for full names: the part after the prefix matches the given pattern. */
  public Pattern topics(Pattern given) {
    return prefix.isEmpty() ? given : TopicPattern.after(prefix, given);
  }

  private String prefixed(String what, String name) {
    if (!prefix.isEmpty() && name.startsWith(prefix)) {
      throw new SettingsException(
          "%s '%s' already starts with the topic prefix '%s', which Hermes adds itself."
              .formatted(what, name, prefix),
          "Pass the name without it; to pass full names, use settings without a" + " topic prefix.",
          null);
    }
    return prefix + name;
  }
}
