package io.hermes.cli.groups;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Screen;
import io.hermes.cli.console.Screen.Size;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Shows the figures on the whole terminal, repainted for each sample and each new size. */
final class TopScreen implements TopView {

  private static final long RESIZE_NS = TimeUnit.SECONDS.toNanos(1);

  private final Console console;
  private final Screen screen;
  private final TopFrame frame;
  private @Nullable TopFigures shown;
  private Size size;
  private long measuredNs = System.nanoTime();

  TopScreen(Console console, Screen screen, TopFrame frame) {
    this.console = console;
    this.screen = screen;
    this.frame = frame;
    this.size = screen.size();
  }

  @Override
  public void show(TopFigures figures) {
    shown = figures;
    screen.show(frame.lines(figures, size));
  }

  @Override
  public boolean isEnded() {
    if (System.nanoTime() - measuredNs >= RESIZE_NS) {
      measuredNs = System.nanoTime();
      Size now = screen.size();
      if (!now.equals(size) && shown != null) {
        size = now;
        show(shown);
      }
    }
    return screen.isPressed('q') || console.outputEnded();
  }

  @Override
  public void close() {
    screen.close();
  }

  @Override
  public void keep(TopFigures figures) {
    frame.all(figures, size).forEach(console.out()::println);
  }
}
