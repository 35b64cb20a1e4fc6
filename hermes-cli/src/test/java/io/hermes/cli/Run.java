package io.hermes.cli;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What a command did, run in this JVM. */
public record Run(int exitCode, String out, String err) {

  public static Run hermes(String broker, String... args) {
    return hermes(Look.PLAIN, broker, args);
  }

  public static Run hermes(Look look, String broker, String... args) {
    return hermes(new Stop(), look, broker, args);
  }

  public static Run hermes(Stop stop, Look look, String broker, String... args) {
    return hermes(stop, look, Map.of("KAFKA_BROKER", broker), args);
  }

  public static Run hermes(Stop stop, Look look, Map<String, String> environment, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(out, err, look);
    int exitCode = HermesCli.run(console, stop, environment, args);
    return new Run(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  public List<String> lines() {
    return out.lines().toList();
  }
}
