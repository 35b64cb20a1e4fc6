package io.hermes.cli.records;

import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that serves metrics while a command runs. */
final class MetricsOption {

  private static final Pattern ADDRESS =
      Pattern.compile("((?<host>[^:]+|\\[[^\\]]+\\]):)?(?<port>\\d{1,5})");

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
   * Starts serving metrics, and prints where.
   *
   * @return null if no metrics were requested
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
    Matcher parts = ADDRESS.matcher(text);
    int port = parts.matches() ? Integer.parseInt(parts.group("port")) : -1;
    if (port < 0 || port > 65_535) {
      throw new SettingsException(
          "--metrics '"
              + text
              + "': give a port, such as 9404, or an address and a port, such as 0.0.0.0:9404 or"
              + " [::1]:9404.",
          null);
    }
    String host = Objects.requireNonNullElse(parts.group("host"), "127.0.0.1");
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new SettingsException(
          "--metrics " + text + ": the host " + host + " cannot be resolved.",
          "Give an address of this machine, or only a port.",
          null);
    }
    return address;
  }
}
