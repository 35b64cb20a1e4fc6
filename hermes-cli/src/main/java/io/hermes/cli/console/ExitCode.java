package io.hermes.cli.console;

/** The exit codes of the process, for scripts. 130 and 143 are the shell's codes for signals. */
public final class ExitCode {

  /** Success. */
  public static final int OK = 0;

  /** Failure; see the line on standard error. */
  public static final int FAILURE = 1;

  /** Invalid options or settings. */
  public static final int USAGE = 2;

  /** Success, but the actual state differs from the desired one. */
  public static final int DIFFERENT = 3;

  private ExitCode() {}
}
