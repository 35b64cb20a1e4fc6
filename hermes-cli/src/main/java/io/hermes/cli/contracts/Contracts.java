package io.hermes.cli.contracts;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.hermes.ContractException;
import io.hermes.Topic;
import io.hermes.cli.console.Misspelling;
import io.hermes.contract.json.EventJson;
import io.hermes.contract.schema.ContractRules;
import io.hermes.contract.schema.Finding;
import io.hermes.contract.schema.SchemaSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The topic contracts in descriptor sets: those on the class path (the resources {@code
 * META-INF/hermes/*.binpb}), or those that {@link ContractOptions} name. A new event is available
 * here without any code. Immutable.
 */
public final class Contracts {

  private final Map<String, Topic<DynamicMessage>> byMessage = new TreeMap<>();
  private final Set<String> hiddenKeys = new TreeSet<>();
  private final SchemaSet schemas;

  Contracts(DescriptorSets sets) {
    Collection<FileDescriptor> files = sets.build();
    this.schemas = SchemaSet.parse(sets.merged().toByteArray());
    for (FileDescriptor file : files) {
      collect(file.getMessageTypes(), sets);
    }
  }

  private Contracts(Contracts inSchemas, Names names) {
    this.schemas = inSchemas.schemas;
    inSchemas.byMessage.forEach((message, c) -> byMessage.put(message, names.topic(c)));
    inSchemas.hiddenKeys.forEach(topic -> hiddenKeys.add(names.topic(topic)));
  }

  /** The same contracts with the names that their topics have on the cluster. */
  public Contracts onCluster(Names names) {
    return new Contracts(this, names);
  }

  private void collect(List<Descriptor> messages, DescriptorSets sets) {
    for (Descriptor message : messages) {
      if (Topic.hasContract(message)) {
        sets.checkConflicts(message);
        Topic<DynamicMessage> contract = Topic.of(message);
        byMessage.put(message.getFullName(), contract);
        if (EventJson.hidesKey(message)) {
          hiddenKeys.add(contract.name());
        }
      }
      collect(message.getNestedTypes(), sets);
    }
  }

  /**
   * The contracts on this program's class path.
   *
   * @throws ContractException if a set is corrupt, or one of its contracts is invalid
   */
  public static Contracts onClassPath() {
    return new Contracts(ContractPlaces.onClassPath());
  }

  /** All contracts, in the order of their messages' names. */
  public List<Topic<DynamicMessage>> all() {
    return List.copyOf(byMessage.values());
  }

  /** All contracts, in the order of their topics' names. */
  List<Topic<DynamicMessage>> byTopic() {
    return all().stream().sorted(Comparator.comparing(Topic::name)).toList();
  }

  /** The names of their topics. */
  public List<String> names() {
    return byMessage.values().stream().map(Topic::name).distinct().sorted().toList();
  }

  /** The events of a topic, as text. */
  public String messages(String topic) {
    return on(topic).stream()
        .map(contract -> contract.descriptor().getName())
        .collect(Collectors.joining(", "));
  }

  /**
   * The contracts of one topic.
   *
   * @throws ContractException if there is none
   */
  public List<Topic<DynamicMessage>> on(String topic) {
    List<Topic<DynamicMessage>> found =
        all().stream().filter(contract -> contract.name().equals(topic)).toList();
    if (found.isEmpty()) {
      throw new ContractException(
          "Topic "
              + topic
              + " has no contract."
              + Misspelling.hint(topic, names())
              + " Topics with a contract: "
              + String.join(", ", names())
              + ".");
    }
    return found;
  }

  /**
   * The contracts for reading a topic. A dead-letter topic has the contracts of its original topic;
   * if that has none, all contracts apply, and the message-type header decides.
   *
   * @throws ContractException if there is none
   */
  public List<Topic<DynamicMessage>> toRead(String topic) {
    if (names().contains(topic) || !DeadLetterName.isTopic(topic)) {
      return on(topic);
    }
    String origin = DeadLetterName.origin(topic);
    return (names().contains(origin) ? on(origin) : all())
        .stream().map(contract -> contract.withName(topic)).toList();
  }

  /**
   * The contracts of a topic, or the contract of a message.
   *
   * @param name a topic's, or a message's with or without its package
   * @throws ContractException if there is neither
   */
  List<Topic<DynamicMessage>> named(String name) {
    if (names().contains(name)) {
      return on(name);
    }
    List<Topic<DynamicMessage>> found =
        all().stream()
            .filter(c -> c.messageType().equals(name) || c.descriptor().getName().equals(name))
            .toList();
    if (found.isEmpty()) {
      List<String> messages = all().stream().map(c -> c.descriptor().getName()).toList();
      throw new ContractException(
          "No contract is for a topic or message "
              + name
              + "."
              + hint(name, messages)
              + " Topics: "
              + String.join(", ", names())
              + ". Messages: "
              + String.join(", ", messages)
              + ".");
    }
    return found;
  }

  private String hint(String name, List<String> messages) {
    String topic = Misspelling.hint(name, names());
    return topic.isEmpty() ? Misspelling.hint(name, messages) : topic;
  }

  /** The findings of the contract rules for a contract. */
  List<Finding> findings(Topic<?> contract) {
    return ContractRules.check(schemas).stream()
        .filter(finding -> finding.message().equals(contract.messageType()))
        .toList();
  }

  /** The contract of a message, by its full name. */
  public Optional<Topic<DynamicMessage>> find(String message) {
    return Optional.ofNullable(byMessage.get(message));
  }

  /** The contract of an event that was read with one of these contracts. */
  public Topic<DynamicMessage> of(Message event) {
    return Objects.requireNonNull(byMessage.get(event.getDescriptorForType().getFullName()));
  }

  /**
   * Whether a record's key on a topic, or on its dead-letter topic, may be the value of a hidden
   * field.
   */
  public boolean hidesKey(String topic) {
    return hiddenKeys.contains(topic)
        || (DeadLetterName.isTopic(topic) && hiddenKeys.contains(DeadLetterName.origin(topic)));
  }

  /**
   * How events are shown.
   *
   * @param reveal whether fields that their schema marks {@code debug_redact} are shown
   */
  public EventJson json(boolean reveal) {
    return EventJson.of(schemas::message).revealing(reveal);
  }
}
