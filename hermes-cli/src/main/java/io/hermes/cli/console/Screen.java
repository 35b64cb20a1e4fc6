package io.hermes.cli.console;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole terminal, for a view that is repainted repeatedly. Until it is closed, the terminal
 * shows its alternate screen without a cursor, and reports keys without echo. For one thread.
 */
public final class Screen implements AutoCloseable {

  private static final File TERMINAL = new File("/dev/tty");
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l"; // no cursor, no wrap
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final Console console;
  private final InputStream keys;
  private final String settings; // the terminal's settings, in the format of stty
  private Size size;

  /** A terminal's size in characters. */
  public record Size(int rows, int columns) {}

  private Screen(Console console, InputStream keys, String settings, Size size) {
    this.console = console;
    this.keys = keys;
    this.settings = settings;
    this.size = size;
  }

  /**
   * Takes over the terminal.
   *
   * @return null if standard output is not a terminal, or cannot be painted
   */
  public static @Nullable Screen open(Console console, Map<String, String> environment) {
    if (console.look().columns() == 0 || "dumb".equals(environment.get("TERM"))) {
      return null;
    }
    String settings = stty("-g");
    Size size = measure();
    if (settings == null || size == null) {
      return null;
    }
    try {
      Screen screen = new Screen(console, new FileInputStream(TERMINAL), settings, size);
      // Ctrl-C still interrupts. Ctrl-Z would leave the shell on the alternate screen.
      stty("-icanon", "-echo", "min", "1", "susp", "undef");
      console.out().print(ENTER);
      return screen;
    } catch (IOException e) {
      return null;
    }
  }

  /** Queries the terminal, because users resize it. */
  public Size size() {
    Size now = measure();
    size = now == null ? size : now;
    return size;
  }

  /** Paints lines, which must fit the terminal's width and height. */
  public void show(List<String> lines) {
    // Cleared before writing, because after a full line the cursor is on its last character.
    StringBuilder text = new StringBuilder(HOME);
    for (int i = 0; i < lines.size(); i++) {
      text.append(i == 0 ? "" : "\n").append(CLEAR_BELOW).append(lines.get(i));
    }
    console.out().print(text);
    console.out().flush();
  }

  /** Whether this key was pressed since the last call, possibly among others. */
  public boolean isPressed(char key) {
    boolean pressed = false;
    try {
      while (keys.available() > 0) {
        pressed |= keys.read() == key;
      }
    } catch (IOException e) {
      return true; // the terminal is gone
    }
    return pressed;
  }

  /** Restores the terminal. */
  @Override
  public void close() {
    console.out().print(LEAVE);
    console.out().flush();
    stty(settings);
    try {
      keys.close();
    } catch (IOException e) {
      // it was only read
    }
  }

  private static @Nullable Size measure() {
    String answer = stty("size");
    if (answer == null || !answer.matches("\\d{1,5} \\d{1,5}")) {
      return null;
    }
    int space = answer.indexOf(' ');
    Size size =
        new Size(
            Integer.parseInt(answer.substring(0, space)),
            Integer.parseInt(answer.substring(space + 1)));
    return size.rows() == 0 || size.columns() == 0 ? null : size;
  }

  /** The output of stty; null if it fails, or there is no terminal. */
  private static @Nullable String stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(TERMINAL)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      byte[] answer = process.getInputStream().readAllBytes();
      return process.waitFor() == 0 ? new String(answer, StandardCharsets.UTF_8).strip() : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
