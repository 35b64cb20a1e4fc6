package io.hermes.publish;

/** A topic that records are written to. Safe for any thread. */
final class Destination {

  private final String topic;
  private volatile boolean acknowledgedOnce; // only ever set

  Destination(String topic) {
    this.topic = topic;
  }

  /** The full topic name, including any prefix. */
  String topic() {
    return topic;
  }

  /** Whether the topic has accepted a record of this publisher. */
  boolean acknowledgedOnce() {
    return acknowledgedOnce;
  }

  void acknowledged() {
    if (!acknowledgedOnce) {
      acknowledgedOnce = true;
    }
  }
}
