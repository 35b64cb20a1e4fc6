package io.hermes;

/**
 * A topic contract is invalid or missing, or an event violates it. The exception's message names
 * the protobuf message and the field.
 */
public final class ContractException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that describes the violation. */
  public ContractException(String message) {
    super(message, null);
  }
}
