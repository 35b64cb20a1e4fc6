package io.hermes.contract.json;

/**
 * An event that is too large or too deep to be shown; the message says so to the person who wants
 * to see it, and quotes nothing of the event.
 */
public final class UnshowableException extends Exception {

  private static final long serialVersionUID = 1L;

  UnshowableException(String message) {
    super(message);
  }
}
