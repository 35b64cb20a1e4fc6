package io.hermes.testkit;

import org.jspecify.annotations.Nullable;

/** The port requested for a broker is in use by another process. */
public final class PortInUseException extends KafkaStartException {

  private static final long serialVersionUID = 1L;

  private final int port;

  PortInUseException(int port, @Nullable Throwable cause) {
    super(
        "Port "
            + port
            + " on 127.0.0.1 is in use. Stop the process that uses it (another Kafka?), or"
            + " choose another port, or 0 for any free port.",
        cause);
    this.port = port;
  }

  /**
   * The port that is in use.
   *
   * @return the TCP port
   */
  public int port() {
    return port;
  }
}
