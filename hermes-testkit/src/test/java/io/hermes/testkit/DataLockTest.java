package io.hermes.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataLockTest {

  @Test
  void isHeldOnceInThisJvmAndFreeAfterItsEnd(@TempDir Path data) {
    DataLock lock = DataLock.take(data);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> DataLock.take(data.resolve("../" + data.getFileName())))
          .isInstanceOf(KafkaStartException.class)
          .hasMessageContaining("Another broker uses " + data);
    }
    lock.close();
    DataLock.take(data).close();
  }

  @Test
  void isHeldByAnotherProcessUntilThatIsKilled(@TempDir Path data) throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('h');
      assertThatThrownBy(() -> DataLock.take(data)).hasMessageContaining("Another broker uses");
    } finally {
      other.destroyForcibly().waitFor();
    }
    DataLock.take(data).close();
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    public static void main(String[] args) throws IOException {
      DataLock lock = DataLock.take(Path.of(args[0]));
      System.out.write('h');
      System.out.flush();
      while (System.in.read() >= 0) {
        assertThat(lock).isNotNull();
      }
    }
  }
}
