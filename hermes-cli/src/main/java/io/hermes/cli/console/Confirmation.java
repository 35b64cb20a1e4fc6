package io.hermes.cli.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks before something is done that cannot be undone. */
public final class Confirmation {

  private Confirmation() {}

  /**
   * Asks on standard error and reads standard input.
   *
   * @return whether the answer is yes; without an answer, and on Ctrl-C, it is no
   */
  public static boolean given(Console console, Stop stop, String question) {
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
    boolean yes = answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    if (!yes) {
      console.err().println("Nothing done.");
    }
    return yes;
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
