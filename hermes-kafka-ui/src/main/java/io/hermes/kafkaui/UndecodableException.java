package io.hermes.kafkaui;

/** A value that cannot be decoded; kafka-ui shows the message to its user. */
final class UndecodableException extends Exception {

  private static final long serialVersionUID = 1L;

  UndecodableException(String message) {
    super(message);
  }
}
