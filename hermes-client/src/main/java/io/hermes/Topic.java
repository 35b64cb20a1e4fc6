package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.EmptyKey;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import io.hermes.contract.schema.ContractProblems;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A topic and the events on it: the contract of a protobuf message, checked. Immutable, safe for
 * any thread; making one costs little, but keep it rather than make it for each event.
 *
 * <pre>{@code
 * Topic<UserEvent> topic = Topic.of(UserEvent.class);
 * topic.name();       // user.events
 * topic.key(event);   // the bytes of event.getUserId()
 * }</pre>
 *
 * @param <M> the events' protobuf type
 */
public final class Topic<M extends Message> {

  private static final ExtensionRegistry OPTIONS = ExtensionRegistry.newInstance();

  static {
    TopicProto.registerAllExtensions(OPTIONS);
  }

  private final M prototype;
  private final TopicContract contract;
  private final @Nullable RecordKey key;
  private final TypeHeaders types;

  private Topic(M prototype, TopicContract contract) {
    Descriptor message = prototype.getDescriptorForType();
    this.prototype = prototype;
    this.contract = check(contract, message);
    this.key =
        contract.getKeyField().isEmpty()
            ? null
            : RecordKey.of(message, contract.getKeyField(), contract.getEmptyKey());
    this.types = TypeHeaders.of(message, contract.getTypeField());
  }

  /**
   * The topic of a message class, from the contract in its schema.
   *
   * @param type a class that protoc generated
   * @param <M> the events' type
   * @return the topic
   * @throws ContractException if the message has no contract or a wrong one
   */
  public static <M extends Message> Topic<M> of(Class<M> type) {
    M prototype = prototype(type);
    return new Topic<>(prototype, contractOf(prototype.getDescriptorForType()));
  }

  /**
   * The topic of a message without a class, such as one from a descriptor set. Its contract is
   * found whatever extensions the set was read with.
   *
   * @param message the message's descriptor
   * @return the topic
   * @throws ContractException if the message has no contract or a wrong one
   */
  public static Topic<DynamicMessage> of(Descriptor message) {
    return new Topic<>(DynamicMessage.getDefaultInstance(message), contractOf(message));
  }

  /**
   * Whether a message's schema has a contract, right or wrong.
   *
   * @param message the message's descriptor
   * @return false if {@link #of(Descriptor)} could only refuse it
   */
  public static boolean hasContract(Descriptor message) {
    return declared(message) != null;
  }

  /**
   * For a message whose schema has no contract: writes one in code. A contract in the schema is not
   * looked at.
   *
   * @param type a class that protoc generated
   * @param name the Kafka topic's name
   * @param <M> the events' type
   * @return a new builder
   */
  public static <M extends Message> Builder<M> builder(Class<M> type, String name) {
    return new Builder<>(prototype(type), name);
  }

  /**
   * As {@link #builder(Class, String)}, for a message without a class, such as one from a
   * descriptor set.
   *
   * @param message the message's descriptor
   * @param name the Kafka topic's name
   * @return a new builder
   */
  public static Builder<DynamicMessage> builder(Descriptor message, String name) {
    return new Builder<>(DynamicMessage.getDefaultInstance(message), name);
  }

  private static <M extends Message> M prototype(Class<M> type) {
    try {
      return type.cast(type.getMethod("getDefaultInstance").invoke(null));
    } catch (ReflectiveOperationException | ClassCastException | NullPointerException e) {
      throw new ContractException(
          type.getName() + " is no message class that protoc generated: pass such a class.");
    }
  }

  private static TopicContract contractOf(Descriptor message) {
    TopicContract declared = declared(message);
    if (declared == null) {
      throw new ContractException(
          message.getFullName()
              + " has no topic contract: add option (hermes.contract.v1.topic) to the message, or"
              + " use Topic.builder.");
    }
    return declared;
  }

  private static @Nullable TopicContract declared(Descriptor message) {
    var options = message.getOptions();
    if (!options.hasExtension(TopicProto.topic)) {
      // A descriptor that was read without our extension has it among its unknown fields.
      try {
        options = options.getParserForType().parseFrom(options.toByteString(), OPTIONS);
      } catch (InvalidProtocolBufferException e) {
        throw new ContractException(
            message.getFullName() + ": its topic contract is damaged: " + e.getMessage());
      }
    }
    return options.hasExtension(TopicProto.topic) ? options.getExtension(TopicProto.topic) : null;
  }

  private static TopicContract check(TopicContract contract, Descriptor message) {
    List<String> problems = ContractProblems.of(message, contract);
    if (!problems.isEmpty()) {
      throw new ContractException(message.getFullName() + ": " + problems.get(0));
    }
    return contract;
  }

  /** The Kafka topic's name. */
  public String name() {
    return contract.getName();
  }

  /**
   * The same contract for another topic, such as the one of its dead letters or a mirrored one.
   *
   * @param name the other topic's name
   * @return a new topic
   * @throws ContractException if that is no name that Kafka takes
   */
  public Topic<M> withName(String name) {
    return new Topic<>(prototype, contract.toBuilder().setName(name).build());
  }

  /** The message's full name, such as {@code hermes.events.v1.UserEvent}. */
  public String messageType() {
    return descriptor().getFullName();
  }

  /** The message's descriptor. */
  public Descriptor descriptor() {
    return prototype.getDescriptorForType();
  }

  /** The message's parser. */
  @SuppressWarnings("unchecked") // a message's parser makes messages of its own type
  public Parser<M> parser() {
    return (Parser<M>) prototype.getParserForType();
  }

  /** The contract as it is in the schema or was built. */
  public TopicContract contract() {
    return contract;
  }

  /** How values are written. */
  public Encoding encoding() {
    return switch (contract.getEncoding()) {
      case ENCODING_ZSTD -> Encoding.ZSTD;
      case ENCODING_AUTO -> Encoding.AUTO;
      default -> Encoding.PLAIN;
    };
  }

  /** How many partitions the topic is to have; empty if that is the broker's choice. */
  public OptionalInt partitions() {
    return contract.getPartitions() == 0
        ? OptionalInt.empty()
        : OptionalInt.of(contract.getPartitions());
  }

  /**
   * The configuration that the contract asks for.
   *
   * @return Kafka's own names and values, such as {@code retention.ms}; empty if all is the
   *     broker's choice
   */
  public Map<String, String> configuration() {
    Map<String, String> configuration = new LinkedHashMap<>();
    switch (contract.getCleanupPolicy()) {
      case CLEANUP_POLICY_DELETE -> configuration.put("cleanup.policy", "delete");
      case CLEANUP_POLICY_COMPACT -> configuration.put("cleanup.policy", "compact");
      case CLEANUP_POLICY_COMPACT_DELETE -> configuration.put("cleanup.policy", "compact,delete");
      default -> {} // the broker's choice
    }
    if (contract.getRetentionMs() != 0) {
      configuration.put("retention.ms", Long.toString(contract.getRetentionMs()));
    }
    return configuration;
  }

  /** Whether other messages use the topic too, so that a record must say which it has. */
  public boolean isShared() {
    return contract.getShared();
  }

  /**
   * An event's record key: text as UTF-8, an integer as decimal text, bytes as they are.
   *
   * @param event the event
   * @return the key; null if the contract has no key, or spreads events whose key is empty
   * @throws ContractException if the key is empty and the contract refuses that
   */
  public byte @Nullable [] key(M event) {
    return key == null ? null : key.of(event);
  }

  /**
   * An event's type, as in the header {@link EventHeaders#EVENT_TYPE}.
   *
   * @param event the event
   * @return the enum value's name, a decimal number if the schema has no such value, or text; null
   *     if the contract has no type field, or it is empty
   */
  public @Nullable String eventType(M event) {
    return types.eventType(event);
  }

  /**
   * Adds the headers that say what an event is: its type, if the contract has a type field, and the
   * message's full name.
   *
   * @param event the event
   * @param headers what they are added to
   */
  public void addHeaders(M event, Headers headers) {
    types.addTo(headers, event);
  }

  /** The names of topic and message. */
  @Override
  public String toString() {
    return name() + " (" + messageType() + ")";
  }

  /**
   * A contract in code. Not for several threads at once.
   *
   * @param <M> the events' type
   */
  public static final class Builder<M extends Message> {

    private final M prototype;
    private final TopicContract.Builder contract = TopicContract.newBuilder();

    private Builder(M prototype, String name) {
      this.prototype = prototype;
      contract.setName(Objects.requireNonNull(name, "name"));
    }

    /** The field whose value is the record key; dots reach into nested messages. Default: none. */
    public Builder<M> keyField(String path) {
      contract.setKeyField(path);
      return this;
    }

    /** Writes events with an empty key without a key, to any partition. Default: refused. */
    public Builder<M> spreadEmptyKeys() {
      contract.setEmptyKey(EmptyKey.EMPTY_KEY_SPREAD);
      return this;
    }

    /** The field, an enum or text, whose value is the event-type header. Default: none. */
    public Builder<M> typeField(String path) {
      contract.setTypeField(path);
      return this;
    }

    /** How values are written. Default: plain. */
    public Builder<M> encoding(Encoding encoding) {
      contract.setEncoding(
          switch (encoding) {
            case PLAIN -> io.hermes.contract.Encoding.ENCODING_PLAIN;
            case ZSTD -> io.hermes.contract.Encoding.ENCODING_ZSTD;
            case AUTO -> io.hermes.contract.Encoding.ENCODING_AUTO;
          });
      return this;
    }

    /** The partitions of a topic that Hermes creates, 1 or more. Default: the broker's. */
    public Builder<M> partitions(int partitions) {
      contract.setPartitions(partitions);
      return this;
    }

    /** The cleanup policy of a topic that Hermes creates. Default: the broker's. */
    public Builder<M> cleanupPolicy(CleanupPolicy policy) {
      contract.setCleanupPolicy(policy);
      return this;
    }

    /** How long records of a topic that Hermes creates are kept. Default: the broker's. */
    public Builder<M> retention(Duration retention) {
      contract.setRetentionMs(retention.toMillis());
      return this;
    }

    /** Other messages use the topic too; readers tell them apart by their message-type header. */
    public Builder<M> shared() {
      contract.setShared(true);
      return this;
    }

    /**
     * The topic.
     *
     * @throws ContractException if the message has no such field, or another part is wrong
     */
    public Topic<M> build() {
      return new Topic<>(prototype, contract.build());
    }
  }
}
