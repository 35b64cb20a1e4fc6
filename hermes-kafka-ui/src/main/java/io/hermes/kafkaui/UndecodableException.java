package io.hermes.kafkaui;

/**
 * A value that cannot be shown as what it is; the message is for the person who looks at the page.
 */
final class UndecodableException extends Exception {

  private static final long serialVersionUID = 1L;

  UndecodableException(String message) {
    super(message);
  }
}
