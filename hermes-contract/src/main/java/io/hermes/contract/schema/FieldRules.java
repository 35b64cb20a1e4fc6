package io.hermes.contract.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Recommendations for an event's fields. They are only warnings, since they guess from names. */
final class FieldRules {

  private static final Set<String> IDS = Set.of("id", "event_id");
  private static final Pattern TIME =
      Pattern.compile("(.*_)?(timestamp|time|at)(_ms|_millis|_us|_micros|_ns|_nanos)?");
  private static final Pattern SENSITIVE =
      Pattern.compile(
          "(.*_)?(e?mail|email_address|passwords?|passwd|passphrase|secret|token|api_key|credentials?|authorization|cookie"
              + "|ssn|iban|pan|card_number|cvv|cvc|pin|phone|phone_number|date_of_birth|birth_date)");

  private final Descriptor event;
  private final List<Finding> findings;
  private final Set<String> seen = new HashSet<>();

  private FieldRules(Descriptor event, List<Finding> findings) {
    this.event = event;
    this.findings = findings;
  }

  static void check(Descriptor event, List<Finding> findings) {
    FieldRules rules = new FieldRules(event, findings);
    rules.checkEnvelope();
    rules.checkSensitive(event);
  }

  private void checkEnvelope() {
    if (!hasId()) {
      warn(
          "has no id; add string event_id, or name the field in id_field, so that a reader can"
              + " distinguish a duplicate from a new event.");
    }
    if (event.getFields().stream().noneMatch(FieldRules::isTime)) {
      warn(
          "has no timestamp; add int64 timestamp (milliseconds since the epoch) or a"
              + " google.protobuf.Timestamp.");
    }
  }

  private boolean hasId() {
    return SchemaSet.contract(event).stream().anyMatch(c -> !c.getIdField().isEmpty())
        || event.getFields().stream().anyMatch(field -> IDS.contains(field.getName()));
  }

  private static boolean isTime(FieldDescriptor field) {
    return field.getJavaType() == JavaType.MESSAGE
        ? field.getMessageType().getFullName().equals("google.protobuf.Timestamp")
        : TIME.matcher(field.getName()).matches();
  }

  private void checkSensitive(Descriptor message) {
    if (!seen.add(message.getFullName())) {
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      if (field.getOptions().getDebugRedact()) {
        continue;
      }
      if (SENSITIVE.matcher(field.getName()).matches()) {
        warn(
            "%s.%s looks sensitive; add [debug_redact = true], so that tools do not print it."
                .formatted(message.getFullName(), field.getName()));
      }
      if (field.getJavaType() == JavaType.MESSAGE) {
        checkSensitive(field.getMessageType());
      }
    }
  }

  private void warn(String text) {
    findings.add(new Finding(Finding.Severity.WARNING, event.getFullName(), text));
  }
}
