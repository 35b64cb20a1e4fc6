package io.hermes;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The record headers of the wire contract. Their values are UTF-8 text. */
public final class EventHeaders {

  /** The value of the contract's type field, such as {@code USER_REGISTERED}. */
  public static final String EVENT_TYPE = "event-type";

  /** The full name of the protobuf message, such as {@code hermes.events.v1.UserEvent}. */
  public static final String MESSAGE_TYPE = "message-type";

  /** {@code zstd} if the value is a ZSTD frame; absent if it is the plain message. */
  public static final String CONTENT_ENCODING = "content-encoding";

  /**
   * On a record that was redriven from a dead-letter topic: the only group that handles it.
   * Subscribers in other groups ack it without handling it, so publishers reject events that set
   * this header.
   */
  public static final String REDRIVE_GROUP = "hermes-redrive-group";

  private EventHeaders() {}

  /**
   * The text of a header. If several headers have the name, the last one counts.
   *
   * @param headers a record's headers
   * @param name such as {@link #EVENT_TYPE}
   * @return its text, or null if there is no such header or it has no value
   */
  public static @Nullable String text(Headers headers, String name) {
    Header last = headers.lastHeader(name);
    return last == null || last.value() == null
        ? null
        : new String(last.value(), StandardCharsets.UTF_8);
  }
}
