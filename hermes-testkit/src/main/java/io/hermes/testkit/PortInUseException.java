package io.hermes.testkit;

import org.jspecify.annotations.Nullable;

/** The port that a broker was told to use belongs to another process. */
public final class PortInUseException extends KafkaStartException {

  private static final long serialVersionUID = 1L;

  private final int port;

  PortInUseException(int port, @Nullable Throwable cause) {
    super(
        "Port "
            + port
            + " on 127.0.0.1 is in use: stop what listens there (another Kafka?), choose another"
            + " port, or port 0 for any free one.",
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
