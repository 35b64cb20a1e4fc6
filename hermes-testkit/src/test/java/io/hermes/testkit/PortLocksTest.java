package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PortLocksTest {

  private static final int PORT = 20_000;

  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  /** Takes the port and keeps it until somebody ends this JVM. */
  static final class Main {

    private Main() {}

    public static void main(String[] args) throws IOException {
      System.out.write(new PortLocks(Path.of(args[0])).take(PORT) ? 1 : 0);
      System.out.flush();
      var unused = System.in.read();
    }
  }

  @Test
  void aPortIsOneJvmsUntilThatEnds() throws Exception {
    Path file = directory.resolve("ports");
    PortLocks here = new PortLocks(file);
    Process other =
        new ProcessBuilder(
                ChildJvm.java(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo(1);
      assertThat(here.take(PORT)).isFalse();
      assertThat(here.take(PORT + 1)).isTrue();
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThat(here.take(PORT)).isTrue();
  }

  @Test
  void aPortIsTakenOnceUntilItIsReleased() {
    PortLocks locks = new PortLocks(directory.resolve("ports"));
    assertThat(locks.take(PORT)).isTrue();
    assertThat(locks.take(PORT)).isFalse();
    locks.release(PORT);
    assertThat(locks.take(PORT)).isTrue();
  }

  @Test
  void withoutAFileAPortIsStillTakenOnceInThisJvm() {
    PortLocks locks = new PortLocks(directory.resolve("missing/ports"));
    assertThat(locks.take(PORT)).isTrue();
    assertThat(locks.take(PORT)).isFalse();
    locks.release(PORT);
    assertThat(locks.take(PORT)).isTrue();
  }
}
