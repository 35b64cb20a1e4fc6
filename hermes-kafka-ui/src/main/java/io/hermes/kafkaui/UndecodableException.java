package io.hermes.kafkaui;

/** A value that cannot be decoded; the message is for the user of kafka-ui's page. */
final class UndecodableException extends Exception {

  private static final long serialVersionUID = 1L;

  UndecodableException(String message) {
    super(message);
  }
}
