package io.hermes;

import org.jspecify.annotations.Nullable;

/** No broker responded in time; the message has the addresses. A later attempt may succeed. */
public final class BrokerUnavailableException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a cluster that cannot be reached. */
  public BrokerUnavailableException(
      String problem, @Nullable String advice, @Nullable Throwable cause) {
    super(problem, advice, cause, true);
  }
}
