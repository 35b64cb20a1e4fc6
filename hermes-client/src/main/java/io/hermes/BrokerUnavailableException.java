package io.hermes;

import org.jspecify.annotations.Nullable;

/** No broker answered in time; the message names where. May succeed later. */
public final class BrokerUnavailableException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** An unreachable cluster. */
  public BrokerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause, true);
  }
}
