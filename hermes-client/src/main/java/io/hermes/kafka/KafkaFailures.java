package io.hermes.kafka;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.UnknownTopicException;
import io.hermes.codec.NativeLibrary;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.jspecify.annotations.Nullable;

/** Translates Kafka's exceptions into Hermes' exceptions and faults. Stateless. */
public final class KafkaFailures {

  private static final String ADDRESS = "the bootstrap servers (by default in KAFKA_BROKER)";
  private static final String NO_COMMON_ASSIGNOR =
      "The group rejects this member because it has no assignor in common with the others";

  private static final String SET_ASSIGNOR =
      "Set partition.assignment.strategy to the same value in all members (Hermes'"
          + " default is org.apache.kafka.clients.consumer.CooperativeStickyAssignor), or use a"
          + " separate group.";

  private static final String TAKEN_STATIC_NAME =
      "Another member of the group has the same group.instance.id.";

  private static final String SET_STATIC_NAME =
      "Give each process its own, or wait until that member has left or its session has expired.";

  private KafkaFailures() {}

  /**
   * Translates an exception of a Kafka client: what it means and what to do about it.
   *
   * @param failure what the client threw or completed a future with
   * @param where the bootstrap servers, for the message
   * @param topic the topic of the failed operation; null if none
   * @return an exception to throw, with the failure as its cause
   */
  public static HermesException translate(Throwable failure, String where, @Nullable String topic) {
    Throwable cause = Thrown.unwrap(failure);
    if (cause instanceof RetriableCommitFailedException && cause.getCause() != null) {
      cause = cause.getCause(); // the wrapper only says that the program should retry
    }
    if (cause instanceof HermesException already) {
      return already;
    }
    SettingsException unusable = NativeLibrary.explain(failure);
    if (unusable != null) {
      return unusable;
    }
    if (cause instanceof UnknownTopicOrPartitionException
        || cause instanceof UnknownTopicIdException) {
      return unknownTopic(topic == null ? "" : topic, where, cause);
    }
    if (cause instanceof AuthenticationException refusal) {
      return Refusals.explain(refusal, where);
    }
    if (cause instanceof AuthorizationException) {
      return missingPermission(cause, where, topic);
    }
    if (cause instanceof InvalidTopicException) {
      return invalidTopic(cause, topic);
    }
    if (cause instanceof InconsistentGroupProtocolException) {
      return new HermesException(
          NO_COMMON_ASSIGNOR + Thrown.detail(cause) + ".", SET_ASSIGNOR, cause);
    }
    if (cause instanceof UnreleasedInstanceIdException) { // its message has new ids each time
      return new HermesException(TAKEN_STATIC_NAME, SET_STATIC_NAME, cause);
    }
    if (cause instanceof UnsupportedAssignorException) {
      return new SettingsException(
          "The brokers at " + where + " do not have this assignor" + Thrown.detail(cause) + ".",
          "Correct group.remote.assignor, or remove it.",
          cause);
    }
    if (isSilence(cause)) {
      String message = Thrown.message(cause);
      // That one names only a call inside Kafka's client.
      boolean hasDetail = message != null && !message.startsWith("Timed out waiting for a node");
      return unavailable(where, hasDetail ? Thrown.detail(cause) : "", cause);
    }
    if (cause instanceof CoordinatorNotAvailableException
        || cause instanceof NotCoordinatorException
        || cause instanceof RetriableCommitFailedException) {
      return new BrokerUnavailableException(
          "The group's coordinator does not respond at " + where + Thrown.detail(cause) + ".",
          "Try again, or find the broker with './hermes doctor'.",
          cause);
    }
    if (isUnresolvable(failure)) {
      return unresolvable(where, failure);
    }
    if (cause instanceof ConfigException) {
      return new SettingsException("Kafka rejects a property: " + Thrown.message(cause), cause);
    }
    List<Throwable> causes = Thrown.causes(cause);
    if (causes.size() > 1 && causes.get(1) instanceof ConfigException refused) {
      return new SettingsException("Kafka rejects a property: " + refused.getMessage(), cause);
    }
    if (cause instanceof InterruptException || cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new HermesException("Interrupted while waiting for " + where + ".", cause, true);
    }
    return new HermesException(
        "Kafka at " + where + ": " + describe(cause), cause, cause instanceof RetriableException);
  }

  /**
   * Translates an exception of a Kafka client to a fault that begins now and that Hermes retries.
   *
   * @param kind the category; {@code KAFKA} to derive it from the exception
   * @param what what fails, as the beginning of a sentence
   * @param failure what the client threw or completed a future with
   * @param where the bootstrap servers
   * @param topic the topic of the failed operation; null if none
   * @return the fault
   */
  public static Fault fault(
      Fault.Kind kind, String what, Throwable failure, String where, @Nullable String topic) {
    HermesException meaning = translate(failure, where, topic);
    boolean ofBrokers = meaning instanceof BrokerUnavailableException;
    Fault.Kind known = kind;
    if (kind == Fault.Kind.KAFKA && ofBrokers) {
      known = Fault.Kind.BROKERS;
    } else if (kind == Fault.Kind.KAFKA && meaning instanceof AccessException) {
      known = Fault.Kind.ACCESS;
    }
    String silence = silence(kind, meaning.getCause(), topic);
    Fault fault =
        silence == null
            ? Fault.of(known, what, meaning, Faults.RETRIES)
            : Fault.of(known, what + ": " + silence + " at " + where + ".", Faults.RETRIES);
    return ofBrokers ? fault.ofBrokers(List.of(where.split(","))) : fault;
  }

  /**
   * Whether a broker did not respond, or there is none to send a request to. For the latter, Kafka
   * throws an exception of an internal package, without a message.
   */
  private static boolean isSilence(Throwable cause) {
    return cause instanceof TimeoutException
        || cause instanceof DisconnectException
        || (cause instanceof InvalidMetadataException && Thrown.message(cause) == null);
  }

  /**
   * Describes the one broker that was queried and did not respond; others may still respond. If
   * none does, that is a separate fault.
   */
  private static @Nullable String silence(
      Fault.Kind kind, @Nullable Throwable cause, @Nullable String topic) {
    if (cause == null
        || !(isSilence(cause)
            || cause instanceof CoordinatorNotAvailableException
            || cause instanceof NotCoordinatorException)) {
      return null;
    }
    if (kind == Fault.Kind.COMMIT) {
      return "the group's coordinator does not respond";
    }
    if (kind == Fault.Kind.POSITION) {
      return "the group's coordinator, or the leader of one of the partitions, does not respond";
    }
    if (kind != Fault.Kind.DEAD_LETTER) {
      return null;
    }
    String message = Thrown.message(cause);
    return message != null && message.contains("not present in metadata")
        ? "topic " + topic + " does not exist, or no broker responds"
        : "the leader of its partition does not respond";
  }

  /**
   * The partition whose next batch a consumer cannot read. Kafka names it only in the message of a
   * plain {@link KafkaException}. The batch is corrupt, unless {@link NativeLibrary#explain} finds
   * that this JVM cannot decompress it.
   *
   * @param failure what {@code poll} threw
   * @param assigned the consumer's partitions
   * @return the partition; null for any other failure, such as a lack of memory
   */
  public static @Nullable TopicPartition unreadablePartition(
      KafkaException failure, Collection<TopicPartition> assigned) {
    String message = failure.getMessage();
    if (failure.getClass() != KafkaException.class
        || message == null
        || !message.contains(" fetching ")
        || hasCause(failure, VirtualMachineError.class)) {
      return null;
    }
    List<String> words = List.of(message.split("[.,:;]?(\\s+|$)"));
    for (TopicPartition partition : assigned) {
      if (words.contains(partition.toString())) {
        return partition;
      }
    }
    return null;
  }

  /** Whether a broker that reports this did not write the record and never will. */
  public static boolean isUnwritable(Throwable failure) {
    return failure instanceof RecordTooLargeException
        || failure instanceof RecordBatchTooLargeException
        || failure instanceof InvalidRecordException
        || failure instanceof InvalidTimestampException
        || failure instanceof InvalidTopicException;
  }

  private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    @Nullable Throwable at = failure;
    for (int depth = 0; depth < 20 && at != null; depth++) { // causes can form a cycle
      if (type.isInstance(at)) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }

  /**
   * Explains why the brokers refuse a record and would refuse it again.
   *
   * @param refusal what the producer reported
   * @param valueBytes the size of the record's value; -1 if unknown
   * @return an exception to throw, with the refusal as its cause
   */
  public static HermesException unwritable(Throwable refusal, int valueBytes) {
    String detail = Thrown.detail(refusal) + ".";
    if (refusal instanceof RecordTooLargeException
        || refusal instanceof RecordBatchTooLargeException) {
      return new HermesException(
          (valueBytes < 0
                  ? "A record is larger than the producer or its topic accepts"
                  : "Its value has %d bytes, more than the producer or its topic accepts"
                      .formatted(valueBytes))
              + detail,
          "Publish a smaller event, or raise max.request.size and the topic's max.message.bytes.",
          refusal);
    }
    return refusal instanceof InvalidTimestampException
        ? new HermesException(
            "The broker rejects the record's timestamp" + detail,
            "Correct this machine's clock.",
            refusal)
        : new HermesException(
            "The brokers refuse one of the records and would refuse it again" + detail,
            "Correct the record.",
            refusal);
  }

  /**
   * No broker responded in time: there is none, or it is overloaded.
   *
   * @param detail what follows the address in the message; empty if nothing
   */
  static BrokerUnavailableException unavailable(String where, String detail, Throwable cause) {
    return new BrokerUnavailableException(
        "No Kafka broker responds at " + where + detail + ".",
        "Start one there, or correct "
            + ADDRESS
            + ". If one is running, './hermes doctor' shows what is wrong with it.",
        cause);
  }

  /**
   * A partition's leader did not respond in time, although other brokers did.
   *
   * @param where the bootstrap servers
   * @param cause what the client threw
   * @return an exception to throw
   */
  public static BrokerUnavailableException noLeader(String where, KafkaException cause) {
    return new BrokerUnavailableException(
        "The cluster at "
            + where
            + " responds, but the leader of a partition does not"
            + Thrown.detail(cause)
            + ".",
        "Try again in a few seconds, when another broker may lead the partition, or find the broker"
            + " with './hermes doctor'.",
        cause);
  }

  static BrokerUnavailableException speaksTls(String address, Throwable cause) {
    return new BrokerUnavailableException(
        address + " uses TLS, but this client does not.",
        "Set KAFKA_SECURITY_PROTOCOL to SSL, or to"
            + " SASL_SSL with KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.",
        cause);
  }

  static BrokerUnavailableException unresolvable(String where, Throwable cause) {
    return new BrokerUnavailableException(
        "No host in " + where + " can be resolved.",
        "Check DNS, or correct " + ADDRESS + ".",
        cause);
  }

  /**
   * Whether a client could not be created because no bootstrap host can be resolved, perhaps only
   * temporarily.
   */
  static boolean isUnresolvable(Throwable failure) {
    return Thrown.causes(failure).stream()
        .filter(KafkaException.class::isInstance)
        .map(Thrown::message)
        .anyMatch(message -> message != null && message.contains("resolvable bootstrap"));
  }

  private static SettingsException invalidTopic(Throwable cause, @Nullable String topic) {
    return new SettingsException(
        (topic == null ? "A topic name" : "The topic name '" + topic + "'")
            + " is not valid in Kafka"
            + Thrown.detail(cause)
            + ".",
        "Use 1 to 249 letters, digits, dots, underscores and hyphens.",
        cause);
  }

  private static UnknownTopicException unknownTopic(String topic, String where, Throwable cause) {
    return new UnknownTopicException(
        topic,
        "Topic " + topic + " does not exist at " + where + ".",
        "Create it with './hermes topics apply', with TopicAdmin or with createTopics() of a"
            + " publisher's builder; or correct the name.",
        cause);
  }

  private static AccessException missingPermission(
      Throwable cause, String where, @Nullable String topic) {
    String subject =
        cause instanceof GroupAuthorizationException group
            ? group.groupId() == null ? "the group" : "group " + group.groupId()
            : cause instanceof TopicAuthorizationException topics
                    && !topics.unauthorizedTopics().isEmpty()
                ? "topic " + String.join(", ", topics.unauthorizedTopics())
                : topic == null ? "the cluster" : "topic " + topic;
    return new AccessException(
        "The principal lacks a permission on "
            + subject
            + " at "
            + where
            + Thrown.detail(cause)
            + ".",
        "Grant it with './hermes acls' or kafka-acls.sh, or use other credentials.",
        cause);
  }

  private static String describe(Throwable cause) {
    String message = Thrown.message(cause);
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
