package io.hermes.cli.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Asks before something is done that cannot be undone, unless there is {@code --yes}. */
public final class Confirmation {

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  /**
   * Asks on standard error and reads standard input.
   *
   * @param question asked for only where it is needed
   * @return whether the answer is yes; without an answer, and on Ctrl-C, it is no
   */
  public boolean isGiven(Console console, Stop stop, Supplier<String> question) {
    return yes || isGiven(console, stop, question.get());
  }

  private static boolean isGiven(Console console, Stop stop, String question) {
    console.out().flush();
    console.err().print(question + " [y/N] ");
    console.err().flush();
    CompletableFuture<@Nullable String> line = new CompletableFuture<>();
    Thread reader = new Thread(() -> line.complete(readLine()), "hermes-answer");
    reader.setDaemon(true); // nothing ends a read of standard input
    reader.start();
    while (!line.isDone() && !stop.await(50, TimeUnit.MILLISECONDS)) {
      // a person thinks
    }
    String answer = line.getNow(null);
    if (answer == null) {
      console.err().println();
      console.err().println("Not confirmed, nothing done: answer y, or give --yes.");
      return false;
    }
    boolean given = answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    if (!given) {
      console.err().println("Nothing done.");
    }
    return given;
  }

  private static @Nullable String readLine() {
    try {
      // Not closed: it is the process's own.
      return new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))
          .readLine();
    } catch (IOException e) {
      return null;
    }
  }
}
