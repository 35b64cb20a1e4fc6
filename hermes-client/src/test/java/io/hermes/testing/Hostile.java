package io.hermes.testing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Exceptions as a user's code may have them, whose methods do what they should not. */
@SuppressWarnings({ // what Error Prone warns of is what they are for
  "OverrideThrowableToString",
  "ToStringReturnsNull",
  "UnsynchronizedOverridesSynchronized"
})
public final class Hostile {

  private Hostile() {}

  /** One of each kind. */
  public static List<Exception> all() {
    return List.of(
        new MessageThrows(),
        new ToStringThrows(),
        new MessageOverflows(),
        new MessageRunsOutOfMemory(),
        new MessageIsNull(),
        new MessageIsHuge(),
        new CauseThrows(),
        new StackThrows(),
        cyclic());
  }

  /** Its message throws. */
  public static final class MessageThrows extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }
  }

  private static final class ToStringThrows extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  private static final class MessageOverflows extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      return this + "."; // which asks for the message
    }
  }

  private static final class MessageRunsOutOfMemory extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new OutOfMemoryError("as if");
    }
  }

  private static final class MessageIsNull extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable String getMessage() {
      return null;
    }

    @Override
    @SuppressWarnings("NullAway") // this is what it is for
    public String toString() {
      return null;
    }
  }

  private static final class MessageIsHuge extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      return "x".repeat(5_000_000);
    }
  }

  private static final class CauseThrows extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public Throwable getCause() {
      throw new IllegalStateException("no cause");
    }
  }

  private static final class StackThrows extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public StackTraceElement[] getStackTrace() {
      throw new IllegalStateException("no stack");
    }

    @Override
    public void printStackTrace(java.io.PrintStream stream) {
      throw new IllegalStateException("no stack");
    }

    @Override
    public void printStackTrace(java.io.PrintWriter writer) {
      throw new IllegalStateException("no stack");
    }
  }

  private static Exception cyclic() {
    Exception inner = new Exception("inner");
    Exception outer = new Exception("outer", inner);
    inner.initCause(outer);
    inner.addSuppressed(outer);
    return outer;
  }
}
