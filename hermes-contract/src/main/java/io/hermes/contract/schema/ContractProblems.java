package io.hermes.contract.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.EmptyKey;
import io.hermes.contract.TopicContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Validates a single contract, independently of other contracts. A type with an invalid contract
 * can be neither published nor subscribed to.
 */
public final class ContractProblems {

  /** The most characters that Kafka allows in a topic name. */
  public static final int MAX_TOPIC_LENGTH = 249;

  private static final Pattern TOPIC =
      Pattern.compile("[a-zA-Z0-9._-]{1," + MAX_TOPIC_LENGTH + "}");

  private static final String EVENT_ID = "event_id";

  private final Descriptor event;
  private final TopicContract contract;
  private final List<String> problems = new ArrayList<>();

  private ContractProblems(Descriptor event, TopicContract contract) {
    this.event = event;
    this.contract = contract;
  }

  /**
   * Checks a contract.
   *
   * @param event the message with the contract
   * @param contract the contract, from the message's schema or built in code
   * @return the problems, each as a sentence that says what to do; empty if the contract is valid
   */
  public static List<String> of(Descriptor event, TopicContract contract) {
    ContractProblems check = new ContractProblems(event, contract);
    check.checkTopicName();
    check.checkKey();
    check.checkType();
    check.checkId();
    check.checkTopicSettings();
    return List.copyOf(check.problems);
  }

  private void checkTopicName() {
    String topic = contract.getName();
    if (topic.isEmpty()) {
      error("the contract has no topic; set name, for example name: \"orders.events\".");
    } else if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
      error(
          "Kafka does not allow the topic name \"%s\"; use 1 to 249 letters, digits, '.', '_' and '-'."
              .formatted(topic));
    }
  }

  private void checkKey() {
    Optional<FieldDescriptor> key = resolve("key_field", contract.getKeyField());
    key.filter(field -> !isKeyType(field))
        .ifPresent(
            field ->
                error(
                    "key_field \"%s\" is %s; choose a field that is text, an integer or bytes."
                        .formatted(contract.getKeyField(), describe(field))));
  }

  private static boolean isKeyType(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING, BYTE_STRING, INT, LONG -> true;
      case BOOLEAN, ENUM, FLOAT, DOUBLE, MESSAGE -> false;
    };
  }

  private void checkType() {
    Optional<FieldDescriptor> type = resolve("type_field", contract.getTypeField());
    type.filter(
            field -> field.getJavaType() != JavaType.ENUM && field.getJavaType() != JavaType.STRING)
        .ifPresent(
            field ->
                error(
                    "type_field \"%s\" is %s; choose a field that is an enum or text."
                        .formatted(contract.getTypeField(), describe(field))));
  }

  private void checkId() {
    Optional<FieldDescriptor> id = resolve("id_field", contract.getIdField());
    id.filter(field -> !isIdType(field))
        .ifPresent(
            field ->
                error(
                    "id_field \"%s\" is %s; choose a field that is text or an integer."
                        .formatted(contract.getIdField(), describe(field))));
  }

  private static boolean isIdType(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING, INT, LONG -> !field.isRepeated();
      case BYTE_STRING, BOOLEAN, ENUM, FLOAT, DOUBLE, MESSAGE -> false;
    };
  }

  /**
   * Returns the path of the field that identifies an event: the contract's {@code id_field}, or
   * {@code event_id}.
   *
   * @param event the message with the contract
   * @param contract a valid contract
   * @return the path; empty if the contract names no field and the message has no {@code event_id}
   */
  public static Optional<String> idField(Descriptor event, TopicContract contract) {
    if (!contract.getIdField().isEmpty()) {
      return Optional.of(contract.getIdField());
    }
    FieldDescriptor usual = event.findFieldByName(EVENT_ID);
    return usual == null || !isIdType(usual) ? Optional.empty() : Optional.of(EVENT_ID);
  }

  /**
   * Returns the field at the end of a dotted path; empty if there is no path or the path is
   * invalid.
   */
  private Optional<FieldDescriptor> resolve(String option, String path) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Descriptor message = event;
    FieldDescriptor field = null;
    for (String name : path.split("\\.", -1)) {
      if (field != null && field.getJavaType() != JavaType.MESSAGE) {
        error(
            "%s \"%s\" has \"%s\" after \"%s\", which is %s and has no fields; end the path there."
                .formatted(option, path, name, field.getName(), describe(field)));
        return Optional.empty();
      }
      message = field == null ? event : field.getMessageType();
      field = message.findFieldByName(name);
      if (field == null) {
        error(
            "%s \"%s\" is not a field: %s has no \"%s\"; use one of %s."
                .formatted(option, path, message.getFullName(), name, names(message)));
        return Optional.empty();
      }
      if (field.isRepeated()) {
        error(
            "%s \"%s\" contains \"%s\", which is repeated; use a field that has one value."
                .formatted(option, path, name));
        return Optional.empty();
      }
    }
    return Optional.ofNullable(field);
  }

  private void checkTopicSettings() {
    if (contract.getPartitions() < 0) {
      error(
          "partitions is "
              + contract.getPartitions()
              + "; leave it out for the broker's default, or set 1 or more.");
    }
    if (contract.getRetentionMs() < -1) {
      error(
          "retention_ms is "
              + contract.getRetentionMs()
              + "; leave it out for the broker's default, or set -1 to keep records forever.");
    }
    boolean compacted =
        contract.getCleanupPolicy() == CleanupPolicy.CLEANUP_POLICY_COMPACT
            || contract.getCleanupPolicy() == CleanupPolicy.CLEANUP_POLICY_COMPACT_DELETE;
    if (compacted && contract.getKeyField().isEmpty()) {
      error(
          "a compacted topic rejects records without a key; set key_field, or another"
              + " cleanup_policy.");
    } else if (compacted && contract.getEmptyKey() == EmptyKey.EMPTY_KEY_SPREAD) {
      error(
          "a compacted topic rejects records without a key; remove empty_key:"
              + " EMPTY_KEY_SPREAD, or set another cleanup_policy.");
    }
  }

  private void error(String text) {
    problems.add(text);
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
