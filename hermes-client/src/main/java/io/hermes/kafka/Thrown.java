package io.hermes.kafka;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and logs exceptions safely. Exceptions of handlers, listeners, continuations and executors
 * are user code: {@code getMessage} and {@code toString} can throw, recurse until the stack
 * overflows or return megabytes, and causes can form a cycle. None of that may keep a record or an
 * event from getting its outcome, so use this class to read or log such an exception. No method
 * throws. Stateless.
 */
public final class Thrown {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.kafka");

  /** Longer messages are truncated. */
  static final int LONGEST_MESSAGE = 4_000;

  /** Longer descriptions are truncated, so that they fit a log line. */
  static final int LONGEST_LINE = 1_000;

  private static final int MOST_CAUSES = 100;

  private Thrown() {}

  /**
   * An exception's message.
   *
   * @param thrown the exception
   * @return its first 4,000 characters; null if it has none; an explanation if {@code getMessage}
   *     throws
   */
  public static @Nullable String message(Throwable thrown) {
    try {
      String message = thrown.getMessage();
      return message == null ? null : cut(message, LONGEST_MESSAGE);
    } catch (Throwable t) {
      return "(no message: its getMessage() threw " + t.getClass().getName() + ")";
    }
  }

  /**
   * An exception's class and message on one line, for logs.
   *
   * @param thrown the exception
   * @return at most 1,000 characters, without control characters
   */
  public static String describe(Throwable thrown) {
    String message = message(thrown);
    String name = thrown.getClass().getName();
    return oneLine(message == null ? name : name + ": " + message);
  }

  /**
   * An exception's message, to append to a sentence before its period.
   *
   * @param thrown the exception
   * @return a space and, in parentheses, the message or, if there is none, the class
   */
  public static String detail(Throwable thrown) {
    String message = message(thrown);
    String known = message == null ? thrown.getClass().getSimpleName() : message;
    return " (" + (known.endsWith(".") ? known.substring(0, known.length() - 1) : known) + ")";
  }

  /**
   * External text, on one line.
   *
   * @param text such as the value of a header
   * @return at most 1,000 characters; control characters are replaced by spaces
   */
  public static String oneLine(String text) {
    char[] line = cut(text, LONGEST_LINE).toCharArray();
    for (int i = 0; i < line.length; i++) {
      if (Character.isISOControl(line[i])) {
        line[i] = ' ';
      }
    }
    return new String(line);
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int end = longest - 3;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end)
        + "...";
  }

  /**
   * An exception and its causes, the outermost first.
   *
   * @param thrown the exception
   * @return at least the exception itself; no duplicates, and at most 100
   */
  public static List<Throwable> causes(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> causes = new ArrayList<>();
    @Nullable Throwable at = thrown;
    while (at != null && seen.add(at) && causes.size() < MOST_CAUSES) {
      causes.add(at);
      at = cause(at);
    }
    return causes;
  }

  private static @Nullable Throwable cause(Throwable thrown) {
    try {
      return thrown.getCause();
    } catch (Throwable t) {
      return null;
    }
  }

  /**
   * The actual exception of a future.
   *
   * @param thrown for example the exception passed to {@code whenComplete}
   * @return the first exception in the chain of causes that is not just a wrapper
   */
  public static Throwable unwrap(Throwable thrown) {
    List<Throwable> causes = causes(thrown);
    for (Throwable cause : causes) {
      if (!(cause instanceof ExecutionException || cause instanceof CompletionException)) {
        return cause;
      }
    }
    return causes.get(causes.size() - 1);
  }

  /**
   * Logs a user exception with its stack trace, and catches what the exception's own methods throw
   * when the logger calls them.
   *
   * @param owner logged at the start of the line that is written if logging fails
   * @param statement one call to a logger
   */
  public static void log(String owner, Runnable statement) {
    try {
      statement.run();
    } catch (Throwable t) {
      LOG.warn(
          "{}: an exception cannot be logged, since logging it threw {}",
          owner,
          t.getClass().getName());
    }
  }
}
