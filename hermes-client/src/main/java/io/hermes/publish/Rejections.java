package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.PublishRejectedException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Creates the exceptions for rejected events, with the messages of Hermes' own refusals. Stateless.
 */
final class Rejections {

  private Rejections() {}

  /**
   * An event that was not written.
   *
   * @param topic empty if none was determined
   * @param why why it was not written
   * @param advice what to do about it; null if the reason says it
   * @param cause what Kafka or user code threw
   * @param retryable whether the same call may succeed later
   */
  static PublishRejectedException of(
      String topic,
      String why,
      @Nullable String advice,
      @Nullable Throwable cause,
      boolean retryable) {
    String where = topic.isEmpty() ? "" : " to " + topic;
    return new PublishRejectedException(
        "Not written" + where + ". " + why, advice, cause, retryable, topic);
  }

  static PublishRejectedException closed(String topic) {
    return of(topic, "The publisher is closed.", null, null, false);
  }

  static PublishRejectedException wouldHang() {
    return of(
        "",
        "publishAndWait would deadlock in a continuation of this publisher's futures.",
        "Use publish there.",
        null,
        false);
  }

  static PublishRejectedException notReady(String topic) {
    return of(
        topic,
        "Kafka's metadata for the topic, or its buffer memory, is not available yet, and this call"
            + " does not wait.",
        "Try again later.",
        null,
        true);
  }

  static PublishRejectedException tooLarge(String topic, int size, int limit) {
    return of(
        topic,
        "The event has " + size + " bytes, but readers accept " + limit + ".",
        "Publish a smaller event, or raise maxEventBytes on both sides.",
        null,
        false);
  }

  static PublishRejectedException notServed(String type, Set<Descriptor> served) {
    return of(
        "",
        "This publisher serves "
            + String.join(", ", served.stream().map(Descriptor::getFullName).sorted().toList())
            + ", not "
            + type
            + ".",
        "Open it with that type as well.",
        null,
        false);
  }

  /**
   * There is no room.
   *
   * @param waiting how many events wait for the acknowledgement thread
   */
  static PublishRejectedException full(
      String topic, Admission admission, long waiting, long waitNs) {
    String why =
        waiting > admission.records() / 2
            ? "too many acknowledgements wait for a continuation that does not return"
            : admission.records() + " records with " + admission.bytes() + " bytes are in flight";
    String waited = waitNs == 0 ? "" : " within " + TimeUnit.NANOSECONDS.toMillis(waitNs) + " ms";
    return of(topic, "No room" + waited + ": " + why + ".", "Try again later.", null, true);
  }
}
