package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** A command that runs in this JVM until it is stopped. */
public final class RunningCommand {

  private static final long TIMEOUT_S = 60;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Stop stop = new Stop();
  private final CompletableFuture<Integer> exitCode;

  public RunningCommand(String broker, String command) {
    Console console = new Console(out, err, Look.PLAIN);
    Map<String, String> environment = Map.of("KAFKA_BROKER", broker);
    exitCode =
        CompletableFuture.supplyAsync(
            () -> HermesCli.run(console, stop, environment, command.split(" ", -1)));
  }

  public String out() {
    return out.toString(UTF_8);
  }

  public String err() {
    return err.toString(UTF_8);
  }

  /** Waits until standard output has what a regular expression says. */
  public void awaitOut(String pattern) {
    await(out, pattern);
  }

  public void awaitErr(String pattern) {
    await(err, pattern);
  }

  /** Waits until it has ended by itself. */
  public int exitCode() throws Exception {
    return exitCode.get(TIMEOUT_S, SECONDS);
  }

  /** Ends it as Ctrl-C does. */
  public int stop() throws Exception {
    stop.request();
    return exitCode();
  }

  private static void await(ByteArrayOutputStream stream, String pattern) {
    Pattern wanted = Pattern.compile(pattern);
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(TIMEOUT_S);
    while (!wanted.matcher(stream.toString(UTF_8)).find()) {
      assertThat(System.nanoTime()).as(pattern + "\n" + stream).isLessThan(deadlineNs);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
