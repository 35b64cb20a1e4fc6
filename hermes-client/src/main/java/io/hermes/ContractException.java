package io.hermes;

/**
 * A topic contract is wrong or missing, or an event does not fulfil it. The message names the
 * protobuf message and the field.
 */
public final class ContractException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** A violation, described. */
  public ContractException(String message) {
    super(message, null);
  }
}
