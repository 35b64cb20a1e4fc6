package io.hermes.contract.schema;

/**
 * What {@link ContractRules} has to say about one message.
 *
 * @param severity whether it must be changed
 * @param message the full name of the message
 * @param text what is wrong and what to change
 */
public record Finding(Severity severity, String message, String text) {

  /** Whether a build fails. */
  public enum Severity {
    /** Publishing or reading would fail, or could go wrong. */
    ERROR,
    /** Works, but is most likely an oversight. */
    WARNING
  }

  @Override
  public String toString() {
    return severity + " " + message + ": " + text;
  }
}
