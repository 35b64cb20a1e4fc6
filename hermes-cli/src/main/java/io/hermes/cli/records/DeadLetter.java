package io.hermes.cli.records;

import static io.hermes.subscribe.DeadLetterHeaders.REDRIVE_COUNT;
import static io.hermes.subscribe.DeadLetterHeaders.REDRIVE_GROUP;

import com.google.gson.JsonObject;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.subscribe.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a dead-letter record. They may have been written by anyone, so any of them may be
 * missing.
 *
 * @param topic the topic of the original record; partition, offset and timestamp are also the
 *     original ones
 * @param redrives how often it was redriven before
 */
public record DeadLetter(
    @Nullable String topic,
    @Nullable Long partition,
    @Nullable Long offset,
    @Nullable Long timestampMs,
    @Nullable String group,
    @Nullable String exception,
    @Nullable String message,
    @Nullable Long attempts,
    long redrives) {

  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  /** Reads the headers; null if the record has no dead-letter headers. */
  static @Nullable DeadLetter of(Headers headers) {
    for (Header header : headers) {
      if (header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        return ofAny(headers);
      }
    }
    return null;
  }

  /** Reads the headers, even if the record has no dead-letter headers. */
  public static DeadLetter ofAny(Headers headers) {
    Long redrives = number(headers, REDRIVE_COUNT);
    return new DeadLetter(
        EventHeaders.text(headers, DeadLetterHeaders.TOPIC),
        number(headers, DeadLetterHeaders.PARTITION),
        number(headers, DeadLetterHeaders.OFFSET),
        number(headers, DeadLetterHeaders.TIMESTAMP),
        EventHeaders.text(headers, DeadLetterHeaders.GROUP),
        EventHeaders.text(headers, DeadLetterHeaders.EXCEPTION),
        EventHeaders.text(headers, DeadLetterHeaders.MESSAGE),
        number(headers, DeadLetterHeaders.ATTEMPTS),
        redrives == null ? 0 : redrives);
  }

  private static @Nullable Long number(Headers headers, String name) {
    String text = EventHeaders.text(headers, name);
    return text == null || !NUMBER.matcher(text).matches() ? null : Long.valueOf(text);
  }

  /** The original position, as {@code user.events-3@12}. */
  public String position() {
    if (topic == null) {
      return "-";
    }
    return Text.printable(topic + "-" + or(partition) + "@" + or(offset));
  }

  /** The exception's class, without its package. */
  public String exceptionName() {
    String name = or(exception);
    return Text.printable(name.substring(name.lastIndexOf('.') + 1));
  }

  /** The original position and the group, as text. */
  String story() {
    return "was "
        + position()
        + (timestampMs == null ? "" : " of " + Text.time(Instant.ofEpochMilli(timestampMs)))
        + ", group "
        + Text.printable(or(group))
        + ", "
        + (attempts == null ? "- attempts" : Units.count(attempts, "attempt"))
        + (redrives == 0 ? "" : ", redriven " + Units.count(redrives, "time"));
  }

  /** The exception's class and message. */
  String failure() {
    return Text.printable(or(exception) + (message == null ? "" : ": " + message));
  }

  private static String or(@Nullable Object value) {
    return value == null ? "-" : value.toString();
  }

  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("topic", topic);
    json.addProperty("partition", partition);
    json.addProperty("offset", offset);
    json.addProperty(
        "timestamp", timestampMs == null ? null : Text.time(Instant.ofEpochMilli(timestampMs)));
    json.addProperty("group", group);
    json.addProperty("exception", exception);
    json.addProperty("message", message);
    json.addProperty("attempts", attempts);
    json.addProperty("redrives", redrives);
    return json;
  }

  /**
   * The original record, with its own bytes and headers, for the original topic and the group that
   * could not handle it. Topic and group must be present.
   */
  public ProducerRecord<byte[], byte[]> original(EventRecord<?> letter) {
    ProducerRecord<byte[], byte[]> original =
        new ProducerRecord<>(topic, null, letter.rawKey(), letter.rawValue());
    for (Header header : letter.headers()) {
      boolean ours =
          header.key().startsWith(DeadLetterHeaders.PREFIX)
              || header.key().equals(REDRIVE_GROUP)
              || header.key().equals(REDRIVE_COUNT);
      if (!ours) {
        original.headers().add(header);
      }
    }
    original.headers().add(REDRIVE_GROUP, or(group).getBytes(StandardCharsets.UTF_8));
    original
        .headers()
        .add(REDRIVE_COUNT, Long.toString(redrives + 1).getBytes(StandardCharsets.UTF_8));
    return original;
  }
}
