package io.hermes.contract.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.EmptyKey;
import io.hermes.contract.TopicContract;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rules that every event's schema keeps, beyond what protoc and buf know. Stateless. */
public final class ContractRules {

  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]+");
  private static final int MAX_TOPIC_LENGTH = 249;
  private static final String DEAD_LETTER_SUFFIX = "-dlt";

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
    checkTopicName(event, contract.getName());
    checkKey(event, contract);
    checkType(event, contract);
    checkTopicSettings(event, contract);
    checkNotTakenForZstd(event);
    FieldRules.check(event, findings);
  }

  private void checkTopicName(Descriptor event, String topic) {
    if (topic.isEmpty()) {
      error(event, "the contract has no topic; set name, for example name: \"orders.events\".");
    } else if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
      error(
          event,
          "Kafka refuses the topic name \""
              + topic
              + "\"; use only letters, digits, '.', '_' and '-'.");
    } else if (topic.length() + DEAD_LETTER_SUFFIX.length() > MAX_TOPIC_LENGTH) {
      error(
          event,
          "the topic name has %d characters; shorten it to %d, Kafka's limit of %d less the %s of its dead letter topic."
              .formatted(
                  topic.length(),
                  MAX_TOPIC_LENGTH - DEAD_LETTER_SUFFIX.length(),
                  MAX_TOPIC_LENGTH,
                  DEAD_LETTER_SUFFIX));
    }
  }

  private void checkKey(Descriptor event, TopicContract contract) {
    Optional<FieldDescriptor> key = resolve(event, "key_field", contract.getKeyField());
    key.filter(field -> !isKeyType(field))
        .ifPresent(
            field ->
                error(
                    event,
                    "key_field \"%s\" is %s; a key is text, an integer or bytes: choose such a field."
                        .formatted(contract.getKeyField(), describe(field))));
  }

  private static boolean isKeyType(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING, BYTE_STRING, INT, LONG -> true;
      case BOOLEAN, ENUM, FLOAT, DOUBLE, MESSAGE -> false;
    };
  }

  private void checkType(Descriptor event, TopicContract contract) {
    Optional<FieldDescriptor> type = resolve(event, "type_field", contract.getTypeField());
    type.filter(
            field -> field.getJavaType() != JavaType.ENUM && field.getJavaType() != JavaType.STRING)
        .ifPresent(
            field ->
                error(
                    event,
                    "type_field \"%s\" is %s; the event-type header is written from an enum or text: choose such a field."
                        .formatted(contract.getTypeField(), describe(field))));
  }

  /**
   * The field at the end of a dotted path; empty if there is no path or if it was found to be
   * wrong.
   */
  private Optional<FieldDescriptor> resolve(Descriptor event, String option, String path) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Descriptor message = event;
    FieldDescriptor field = null;
    for (String name : path.split("\\.", -1)) {
      if (field != null && field.getJavaType() != JavaType.MESSAGE) {
        error(
            event,
            "%s \"%s\" looks for \"%s\" inside \"%s\", which is %s and has no fields; end the path there."
                .formatted(option, path, name, field.getName(), describe(field)));
        return Optional.empty();
      }
      message = field == null ? event : field.getMessageType();
      field = message.findFieldByName(name);
      if (field == null) {
        error(
            event,
            "%s \"%s\" names no field: %s has no \"%s\"; use one of %s."
                .formatted(option, path, message.getFullName(), name, names(message)));
        return Optional.empty();
      }
      if (field.isRepeated()) {
        error(
            event,
            "%s \"%s\" goes through \"%s\", which is repeated; use a field that has one value."
                .formatted(option, path, name));
        return Optional.empty();
      }
    }
    return Optional.ofNullable(field);
  }

  private void checkTopicSettings(Descriptor event, TopicContract contract) {
    if (contract.getPartitions() < 0) {
      error(
          event,
          "partitions is "
              + contract.getPartitions()
              + "; leave it out for the broker's default, or set 1 or more.");
    }
    if (contract.getRetentionMs() < -1) {
      error(
          event,
          "retention_ms is "
              + contract.getRetentionMs()
              + "; leave it out for the broker's default, or set -1 to keep records for ever.");
    }
    boolean compacted =
        contract.getCleanupPolicy() == CleanupPolicy.CLEANUP_POLICY_COMPACT
            || contract.getCleanupPolicy() == CleanupPolicy.CLEANUP_POLICY_COMPACT_DELETE;
    if (compacted && contract.getKeyField().isEmpty()) {
      error(
          event,
          "a compacted topic takes no record without a key; set key_field, or another cleanup_policy.");
    } else if (compacted && contract.getEmptyKey() == EmptyKey.EMPTY_KEY_SPREAD) {
      error(
          event,
          "a compacted topic takes no record without a key; remove empty_key: EMPTY_KEY_SPREAD, or set another cleanup_policy.");
    }
  }

  /**
   * The magic number of a ZSTD frame, 28 B5 2F FD, is also protobuf: field 5 as a varint of 6069,
   * then a 32-bit field whose number is 15 modulo 16 and needs a second byte. Where no header tells
   * the two apart such a value could be either.
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
                    "with \"%s\" = 5 an integer and \"%s\" = %d of 32 bits a plain value can start with the four bytes of a ZSTD frame; give \"%s\" a number that is not 15 modulo 16."
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
    // Kafka keeps metrics under names in which '.' has become '_', and refuses a second topic that
    // would share them.
    Map<String, String> metricNames = new LinkedHashMap<>();
    byTopic.forEach(
        (topic, users) -> {
          String other = metricNames.putIfAbsent(topic.replace('.', '_'), topic);
          if (other != null) {
            error(
                users.get(0),
                "Kafka refuses the topic \"%s\" beside \"%s\", since they differ in '.' and '_' alone; rename one."
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
            "the topic \"%s\" is also used by %s; add shared: true to each of them, or give this message a topic of its own."
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

  private static String names(Descriptor message) {
    return message.getFields().stream()
        .map(FieldDescriptor::getName)
        .collect(Collectors.toCollection(TreeSet::new))
        .toString();
  }

  private static String describe(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> "of type " + field.getMessageType().getFullName();
      case ENUM -> "of type " + field.getEnumType().getFullName();
      default -> "of type " + field.getType().name().toLowerCase(Locale.ROOT);
    };
  }
}
