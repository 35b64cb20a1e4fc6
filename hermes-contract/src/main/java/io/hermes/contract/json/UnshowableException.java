package io.hermes.contract.json;

/**
 * An event is too large or too deeply nested to be shown. The message is meant for the user and
 * quotes nothing from the event.
 */
public final class UnshowableException extends Exception {

  private static final long serialVersionUID = 1L;

  UnshowableException(String message) {
    super(message);
  }
}
