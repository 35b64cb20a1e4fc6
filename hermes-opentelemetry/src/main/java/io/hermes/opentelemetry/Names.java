package io.hermes.opentelemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.List;

/**
 * Attributes of the semantic conventions for messaging 1.44, and Hermes' own. The former are
 * copied, since the artifact that defines them is not stable.
 */
final class Names {

  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  static final AttributeKey<Boolean> TOMBSTONE =
      AttributeKey.booleanKey("messaging.kafka.message.tombstone");
  static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
  static final AttributeKey<String> CLIENT_ID = AttributeKey.stringKey("messaging.client.id");
  static final AttributeKey<Long> BATCH_SIZE =
      AttributeKey.longKey("messaging.batch.message_count");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  /** The outcome of a published event, or of an attempt to handle one. */
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("hermes.outcome");

  /** 1 for the first attempt to handle a record. */
  static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("hermes.attempt");

  /** One of {@link io.hermes.Fault.Kind}, in lower case. */
  static final AttributeKey<String> FAULT = AttributeKey.stringKey("hermes.fault.kind");

  static final String KAFKA = "kafka";
  static final String SEND = "send";
  static final String PROCESS = "process";

  /** The bucket boundaries that the conventions recommend for durations, in seconds. */
  static final List<Double> DURATIONS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  private Names() {}

  /** Returns the attributes that spans of this operation on this topic have from the start. */
  static Attributes ofSpan(String operation, String topic) {
    return Attributes.of(
        SYSTEM, KAFKA, OPERATION, operation, OPERATION_TYPE, operation, DESTINATION, topic);
  }

  /** Returns the class of a failure, never its message, which may contain parts of the event. */
  static String errorType(Throwable failure) {
    Class<?> type = failure.getClass();
    String name = type.getCanonicalName();
    return name == null ? type.getName() : name;
  }
}
