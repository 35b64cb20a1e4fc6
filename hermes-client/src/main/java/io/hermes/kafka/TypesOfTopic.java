package io.hermes.kafka;

import io.hermes.EventHeaders;
import io.hermes.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The event types that a client knows for a topic, and the rule which of them a record has: the one
 * that its {@link EventHeaders#MESSAGE_TYPE} header names. Without the header it is the topic's
 * only type; on a shared topic, or with several types, it is undetermined. Thread-safe once all
 * types are added.
 *
 * @param <T> what the client does with a type
 */
public final class TypesOfTopic<T> {

  private final List<Named<T>> types = new ArrayList<>();
  private boolean shared;

  private static final class Named<T> {
    private final String text;
    private final byte[] name;
    private final T type;

    Named(String text, T type) {
      this.text = text;
      this.name = text.getBytes(StandardCharsets.UTF_8);
      this.type = type;
    }
  }

  /** Adds a type. If several contracts have the same message, the first one counts. */
  public void add(Topic<?> contract, T type) {
    shared |= contract.isShared();
    if (types.stream().noneMatch(known -> known.text.equals(contract.messageType()))) {
      types.add(new Named<>(contract.messageType(), type));
    }
  }

  /** The type of a record with these headers; null if it is unknown or undetermined. */
  public @Nullable T of(Headers headers) {
    byte[] name = name(headers);
    if (name == null) {
      return types.size() == 1 && !shared ? types.get(0).type : null;
    }
    for (Named<T> known : types) {
      if (Arrays.equals(known.name, name)) {
        return known.type;
      }
    }
    return null;
  }

  /** The types, in the order in which they were added. */
  public List<T> all() {
    return types.stream().map(known -> known.type).toList();
  }

  /** Whether a record names its type. */
  public static boolean isNamed(Headers headers) {
    return name(headers) != null;
  }

  private static byte @Nullable [] name(Headers headers) {
    Header header = headers.lastHeader(EventHeaders.MESSAGE_TYPE);
    return header == null ? null : header.value();
  }

  /** The full names of the known messages, sorted and separated by commas. */
  @Override
  public String toString() {
    return types.stream().map(known -> known.text).sorted().collect(Collectors.joining(", "));
  }
}
