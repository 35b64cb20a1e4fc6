package io.hermes.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of a test, with its {@link History}, and the signals to it. */
public final class Child {

  private final Process process;
  private final Path history;

  private Child(Process process, Path history) {
    this.process = process;
    this.history = history;
  }

  /** Starts it; what it prints is beside its history. */
  public static Child launch(Class<?> main, Path history, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new Child(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Path.of(history + ".log").toFile())
            .start(),
        history);
  }

  /** For the main of a child: it ends when the JVM that launched it does, however that ends. */
  public static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream()); // until the pipe breaks
              } catch (IOException e) {
                // as good as its end
              }
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }

  public Path history() {
    return history;
  }

  /** Whether it has not ended, by itself or by a signal. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** SIGTERM; it ends in order. */
  public void terminate() throws InterruptedException {
    process.toHandle().destroy(); // Process.destroy would close its standard input, too
    awaitEnd();
  }

  public void awaitEnd() throws InterruptedException {
    if (!process.waitFor(90, TimeUnit.SECONDS)) {
      throw new AssertionError("Does not end; its output: " + history + ".log");
    }
  }

  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }
}
