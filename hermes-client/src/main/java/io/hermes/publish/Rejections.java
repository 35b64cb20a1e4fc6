package io.hermes.publish;

import io.hermes.PublishRejectedException;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** What Hermes itself refuses to publish, in words. Stateless. */
final class Rejections {

  private Rejections() {}

  static PublishRejectedException of(String topic, String why, boolean retryable) {
    String where = topic.isEmpty() ? "" : " to " + topic;
    return new PublishRejectedException(
        "Not written" + where + ". " + why, null, retryable, topic, false, -1);
  }

  static PublishRejectedException closed(String topic) {
    return of(topic, "The publisher is closed.", false);
  }

  static PublishRejectedException wouldHang() {
    return of(
        "",
        "publishAndWait in a continuation of this publisher's futures would deadlock: use publish"
            + " there.",
        false);
  }

  static PublishRejectedException notReady(String topic) {
    return of(
        topic,
        "Kafka's metadata for the topic, or its buffer memory, is not available yet, and this call"
            + " does not wait. Try again later.",
        true);
  }

  static PublishRejectedException tooLarge(String topic, int size, int limit) {
    return of(
        topic,
        "The event has "
            + size
            + " bytes, but readers accept "
            + limit
            + ". Publish a smaller event, or raise maxEventBytes on both sides.",
        false);
  }

  static PublishRejectedException notServed(String type, Collection<TopicRoute<?>> routes) {
    return of(
        "",
        "This publisher serves "
            + String.join(", ", routes.stream().map(r -> r.topic().messageType()).toList())
            + ", not "
            + type
            + ". Open it with that type as well.",
        false);
  }

  static PublishRejectedException full(
      String topic, Admission admission, Relay relay, long waitNs) {
    String why =
        relay.waiting() > admission.records() / 2
            ? "too many acknowledgements wait for a continuation that does not return"
            : admission.records() + " records with " + admission.bytes() + " bytes are in flight";
    String waited = waitNs == 0 ? "" : " within " + TimeUnit.NANOSECONDS.toMillis(waitNs) + " ms";
    return of(topic, "No room" + waited + ": " + why + ". Try again later.", true);
  }
}
