package io.hermes.cli.doctor;

import io.hermes.cli.console.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/** The doctor's findings so far, and the remaining time. Only the command's thread adds to it. */
final class Diagnosis {

  /** The result of a check; the names are those in the output. */
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
   * @param check what was checked, in one word
   * @param text what was found
   * @param advice what to do about it; null if nothing
   */
  record Finding(String check, Result result, String text, @Nullable String advice) {}

  /** Shows findings as they are added. */
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

  /** Findings after the end are unreliable, because the checks were cut short. */
  private void add(Finding finding) {
    if (ended) {
      return;
    }
    ended = isOver();
    Finding kept = finding;
    if (ended) {
      kept =
          new Finding("time", Result.SKIPPED, "the time is up: not everything was checked", null);
    }
    findings.add(kept);
    listener.found(kept);
  }

  long count(Result result) {
    return findings.stream().filter(finding -> finding.result() == result).count();
  }

  /** Whether the time is up, or the output is no longer read. */
  boolean isOver() {
    return stop.isRequested() || System.nanoTime() - deadlineNs >= 0;
  }

  /** The time that one step may take: at most the remaining time, and never zero. */
  int stepMs(int most) {
    if (stop.isRequested()) {
      return 1;
    }
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    return (int) Math.max(1, Math.min(most, left));
  }
}
