package io.hermes;

/**
 * A topic contract is invalid or missing, or an event violates it. The exception's message names
 * the protobuf message and the field.
 */
public final class ContractException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose problem says what would be valid. */
  public ContractException(String problem) {
    super(problem, null);
  }

  /** Creates an exception that describes the violation and what to do about it. */
  public ContractException(String problem, String advice) {
    super(problem, advice, null);
  }
}
