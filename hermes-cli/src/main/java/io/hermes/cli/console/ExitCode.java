package io.hermes.cli.console;

/** What the process ends with, for scripts. 130 and 143 are the shell's, for signals. */
public final class ExitCode {

  /** It worked. */
  public static final int OK = 0;

  /** It failed, as the line on standard error says. */
  public static final int FAILURE = 1;

  /** The options or settings are wrong. */
  public static final int USAGE = 2;

  /** It worked, and what is there is not as it should be. */
  public static final int DIFFERENT = 3;

  private ExitCode() {}
}
