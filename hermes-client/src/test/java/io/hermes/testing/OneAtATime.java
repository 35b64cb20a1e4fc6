package io.hermes.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For tests with many processes: one waits until no other runs, in whichever JVM of this machine.
 * Two fault runs at a time, beside other tests, left brokers too little of two cores to start.
 */
public final class OneAtATime implements BeforeEachCallback, AfterEachCallback {

  private @Nullable FileChannel channel;

  @Override
  @SuppressWarnings("resource") // the lock ends with the channel
  public void beforeEach(ExtensionContext context) throws IOException {
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "hermes-one-test-at-a-time.lock");
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.lock();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
