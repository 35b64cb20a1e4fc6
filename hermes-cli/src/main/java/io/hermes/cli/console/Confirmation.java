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

/** Asks for confirmation before an irreversible action, unless {@code --yes} is given. */
public final class Confirmation {

  @Option(names = "--yes", description = "Do not ask for confirmation.")
  private boolean yes;

  /**
   * Asks on standard error and reads standard input.
   *
   * @param question evaluated only if needed
   * @return whether the answer is yes; no answer and Ctrl-C count as no
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
    reader.setDaemon(true); // a read of standard input cannot be interrupted
    reader.start();
    while (!line.isDone() && !stop.await(50, TimeUnit.MILLISECONDS)) {
      // the user is thinking
    }
    String answer = line.getNow(null);
    if (answer == null) {
      console.err().println();
      console.err().println("Not confirmed, so nothing was done. Answer y, or use --yes.");
      return false;
    }
    boolean given = answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    if (!given) {
      console.err().println("Nothing was done.");
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
