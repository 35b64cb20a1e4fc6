package io.hermes.contract.schema;

/**
 * A problem that {@link ContractRules} found in a message.
 *
 * @param severity whether it must be fixed
 * @param message the full name of the message
 * @param text what is wrong and how to fix it
 */
public record Finding(Severity severity, String message, String text) {

  /** Whether the build fails. */
  public enum Severity {
    /** Publishing or reading would fail, or could produce wrong results. */
    ERROR,
    /** Works, but is probably an oversight. */
    WARNING
  }

  @Override
  public String toString() {
    return severity + " " + message + ": " + text;
  }
}
