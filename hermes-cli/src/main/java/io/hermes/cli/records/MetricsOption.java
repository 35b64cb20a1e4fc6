package io.hermes.cli.records;

import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that serves metrics while a command runs. */
final class MetricsOption {

  @Option(
      names = "--metrics",
      paramLabel = "<port>",
      description =
          "Serve metrics for Prometheus at http://localhost:<port>/metrics while it runs. With an"
              + " address, as in 0.0.0.0:9404, containers and other machines reach it too.")
  private @Nullable String where;

  boolean isGiven() {
    return where != null;
  }

  /**
   * Serves from now on, and says where.
   *
   * @return null if no metrics are asked for
   */
  @Nullable MetricsEndpoint open(Console console) {
    String text = where;
    if (text == null) {
      return null;
    }
    MetricsEndpoint endpoint = MetricsEndpoint.open(address(text));
    console.say("Metrics are at " + endpoint.url());
    return endpoint;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    try {
      return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "--metrics "
              + text
              + ": give a port, such as 9404, or an address and a port, such as 0.0.0.0:9404.",
          e);
    }
  }
}
