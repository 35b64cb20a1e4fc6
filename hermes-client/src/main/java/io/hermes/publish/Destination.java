package io.hermes.publish;

/** A topic that records are written to. Safe for any thread. */
final class Destination {

  private final String topic;
  private volatile boolean acknowledgedOnce; // only ever set

  Destination(String topic) {
    this.topic = topic;
  }

  /** The topic's name on the cluster. */
  String topic() {
    return topic;
  }

  /** Whether it has taken a record of this publisher. */
  boolean acknowledgedOnce() {
    return acknowledgedOnce;
  }

  void acknowledged() {
    if (!acknowledgedOnce) {
      acknowledgedOnce = true;
    }
  }
}
