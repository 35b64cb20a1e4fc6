package io.hermes.contract.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.hermes.contract.TopicContract;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Checks the rules for event schemas that protoc and buf do not check. */
public final class ContractRules {

  /** The suffix of a dead-letter topic's name, appended to the name of its topic. */
  public static final String DEAD_LETTER_SUFFIX = "-dlt";

  private static final int MAX_TOPIC_LENGTH = ContractProblems.MAX_TOPIC_LENGTH;

  private final List<Finding> findings = new ArrayList<>();

  private ContractRules() {}

  /** Checks all messages of the set that have a contract. */
  public static List<Finding> check(SchemaSet schemas) {
    ContractRules rules = new ContractRules();
    for (Descriptor event : schemas.events()) {
      rules.checkEvent(event, SchemaSet.contract(event).orElseThrow());
    }
    rules.checkTopics(schemas.events());
    return List.copyOf(rules.findings);
  }

  private void checkEvent(Descriptor event, TopicContract contract) {
    ContractProblems.of(event, contract).forEach(problem -> error(event, problem));
    checkDeadLetterName(event, contract.getName());
    checkNotTakenForZstd(event);
    FieldRules.check(event, findings);
  }

  /** A subscriber fails to start if the name of its dead-letter topic would be too long. */
  private void checkDeadLetterName(Descriptor event, String topic) {
    int longest = MAX_TOPIC_LENGTH - DEAD_LETTER_SUFFIX.length();
    if (topic.length() > longest && topic.length() <= MAX_TOPIC_LENGTH) {
      error(
          event,
          "the topic name has %d characters; shorten it to %d, which is Kafka's limit of %d minus the %s of its dead-letter topic."
              .formatted(topic.length(), longest, MAX_TOPIC_LENGTH, DEAD_LETTER_SUFFIX));
    }
  }

  /**
   * The magic number of a ZSTD frame, 28 B5 2F FD, is also valid protobuf: field 5 with the varint
   * 6069, then a 32-bit field whose number is 15 modulo 16 and needs a second byte. Without a
   * header that distinguishes the two, such a value could be either.
   */
  private void checkNotTakenForZstd(Descriptor event) {
    FieldDescriptor fifth = event.findFieldByNumber(5);
    if (fifth == null || !canBeVarint(fifth)) {
      return;
    }
    event.getFields().stream()
        .filter(field -> field.getNumber() >= 31 && field.getNumber() % 16 == 15)
        .filter(field -> isFixed32(field) && !field.isPacked())
        .forEach(
            field ->
                error(
                    event,
                    "because \"%s\" = 5 is an integer and \"%s\" = %d has 32 bits, a plain value can start with the four bytes of a ZSTD frame; give \"%s\" a number that is not 15 modulo 16."
                        .formatted(
                            fifth.getName(), field.getName(), field.getNumber(), field.getName())));
  }

  private static boolean canBeVarint(FieldDescriptor field) {
    return !field.isPacked()
        && switch (field.getType()) {
          case INT32, INT64, UINT32, UINT64, SINT32, SINT64, ENUM -> true;
          default -> false;
        };
  }

  private static boolean isFixed32(FieldDescriptor field) {
    return switch (field.getType()) {
      case FIXED32, SFIXED32, FLOAT -> true;
      default -> false;
    };
  }

  private void checkTopics(List<Descriptor> events) {
    Map<String, List<Descriptor>> byTopic =
        events.stream()
            .collect(
                Collectors.groupingBy(
                    event -> SchemaSet.contract(event).orElseThrow().getName(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    byTopic.values().forEach(this::checkSharing);
    // Kafka replaces '.' with '_' in metric names, and rejects a second topic with the same metric
    // name.
    Map<String, String> metricNames = new LinkedHashMap<>();
    byTopic.forEach(
        (topic, users) -> {
          String other = metricNames.putIfAbsent(topic.replace('.', '_'), topic);
          if (other != null) {
            error(
                users.get(0),
                "Kafka does not allow both topics \"%s\" and \"%s\", because they differ only in '.' and '_'; rename one."
                    .formatted(topic, other));
          }
        });
  }

  private void checkSharing(List<Descriptor> events) {
    if (events.size() < 2) {
      return;
    }
    TopicContract first = SchemaSet.contract(events.get(0)).orElseThrow();
    for (Descriptor event : events) {
      TopicContract contract = SchemaSet.contract(event).orElseThrow();
      if (!contract.getShared()) {
        String others =
            events.stream()
                .filter(other -> other != event)
                .map(Descriptor::getFullName)
                .collect(Collectors.joining(", "));
        error(
            event,
            "the topic \"%s\" is also used by %s; add shared: true to each of them, or give this message its own topic."
                .formatted(contract.getName(), others));
      }
      if (contract.getPartitions() != first.getPartitions()
          || contract.getCleanupPolicy() != first.getCleanupPolicy()
          || contract.getRetentionMs() != first.getRetentionMs()) {
        error(
            event,
            "partitions, cleanup_policy and retention_ms of the topic \"%s\" differ from those in %s; make them equal."
                .formatted(contract.getName(), events.get(0).getFullName()));
      }
    }
  }

  private void error(Descriptor event, String text) {
    findings.add(new Finding(Finding.Severity.ERROR, event.getFullName(), text));
  }
}
