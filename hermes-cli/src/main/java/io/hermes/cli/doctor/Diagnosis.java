package io.hermes.cli.doctor;

import io.hermes.cli.console.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * What the doctor has found so far, and the time that is left to find more. Only the command's
 * thread adds to it.
 */
final class Diagnosis {

  /** How a check ended; the names are those of the output. */
  enum Result {
    OK(Style.fg_green),
    WARNING(Style.fg_yellow),
    FAILURE(Style.fg_red),
    SKIPPED(Style.faint);

    private final Style style;

    Result(Style style) {
      this.style = style;
    }

    Style style() {
      return style;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The result of a check.
   *
   * @param check what was looked at, in a word
   * @param text what was seen
   * @param advice what to do about it; null if nothing
   */
  record Finding(String check, Result result, String text, @Nullable String advice) {}

  /** Shows findings as they come. */
  interface Listener {
    void found(Finding finding);
  }

  private final List<Finding> findings = new ArrayList<>();
  private final Listener listener;
  private final Stop stop;
  private final long deadlineNs;
  private boolean ended;

  Diagnosis(Listener listener, Stop stop, long timeoutMs) {
    this.listener = listener;
    this.stop = stop;
    this.deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  void ok(String check, String text) {
    add(new Finding(check, Result.OK, text, null));
  }

  void warning(String check, String text, String advice) {
    add(new Finding(check, Result.WARNING, text, advice));
  }

  void failure(String check, String text, String advice) {
    add(new Finding(check, Result.FAILURE, text, advice));
  }

  void skipped(String check, String reason) {
    add(new Finding(check, Result.SKIPPED, reason, null));
  }

  /** What comes after the end says nothing: it was hurried. */
  private void add(Finding finding) {
    if (ended) {
      return;
    }
    ended = isOver();
    Finding kept = finding;
    if (ended) {
      kept = new Finding("time", Result.SKIPPED, "the time is over: not all was looked at", null);
    }
    findings.add(kept);
    listener.found(kept);
  }

  long count(Result result) {
    return findings.stream().filter(finding -> finding.result() == result).count();
  }

  /** Whether the time is over, or nobody wants to know any more. */
  boolean isOver() {
    return stop.isRequested() || System.nanoTime() - deadlineNs >= 0;
  }

  /** The time that one step may take: no more than is left of all, and never zero. */
  int stepMs(int most) {
    if (stop.isRequested()) {
      return 1;
    }
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    return (int) Math.max(1, Math.min(most, left));
  }
}
