package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.SettingsException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testing.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** zstd-jni unpacks its library into a directory, which a read-only container has to name. */
class NativeLibraryTest {

  private static final TopicPartition PARTITION = new TopicPartition("orders", 1);

  @Test
  void openAndStartNameTheDirectoryThatIsUnusableAndWhatToSet(@TempDir Path directory)
      throws Exception {
    Path missing = directory.resolve("missing");
    String output = Programs.output(List.of("-Djava.io.tmpdir=" + missing), Opens.class);
    assertThat(output.lines().filter(line -> line.startsWith("SettingsException: ")))
        .as(output)
        .hasSize(3)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains(
                        "native library for zstd",
                        "directory " + missing + " (",
                        "-DZstdTempFolder=DIRECTORY",
                        "Cannot unpack"));
  }

  @Test
  @Tag("full")
  void onAReadOnlyRootTheDirectoryForTheLibraryIsNamed(@TempDir Path writable) throws Exception {
    String unusable = "-Djava.io.tmpdir=" + writable.resolve("missing");
    assertThat(Programs.output(List.of(unusable), Main.class)).contains("Cannot unpack");
    String named = "-DZstdTempFolder=" + writable;
    assertThat(Programs.output(List.of(unusable, named), Main.class)).isEqualTo("works");
    try (var left = Files.list(writable)) {
      assertThat(left).as("deleted at exit").isEmpty();
    }
  }

  @Test
  void anUnusableLibraryIsNoDamageOfTheBatchThatNeedsIt() {
    KafkaException damaged = unreadable(new KafkaException("Record batch is invalid"));
    assertThat(partition(damaged)).isEqualTo(PARTITION);
    assertThat(NativeLibrary.explain(damaged)).isNull();

    // What the JVM throws for each use after the first.
    Throwable first = new ExceptionInInitializerError("Cannot unpack libzstd-jni-1.5.7: no space");
    Error again = new NoClassDefFoundError("Could not initialize class com.github.luben.zstd.Zstd");
    again.initCause(first);
    KafkaException unusable = unreadable(new KafkaException(again));
    assertThat(partition(unusable)).isEqualTo(PARTITION);
    assertThat(KafkaFailures.translate(unusable, "kafka:9092", "orders"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("ZstdTempFolder")
        .hasMessageContaining("no space");

    Error missing = new NoClassDefFoundError("com/github/luben/zstd/Zstd");
    assertThat(NativeLibrary.explain(unreadable(new KafkaException(missing))))
        .hasMessageContaining("--add-modules com.github.luben.zstd_jni");
    assertThat(NativeLibrary.explain(new ExceptionInInitializerError("another"))).isNull();
  }

  @Test
  void aLackOfMemoryIsNoDamageOfTheBatchThatNeedsIt() {
    KafkaException memory = unreadable(new KafkaException(new OutOfMemoryError("direct")));
    assertThat(partition(memory)).isNull();
  }

  private static KafkaException unreadable(Throwable cause) {
    return new KafkaException(
        "Received exception when fetching the next record from orders-1. If needed, please seek"
            + " past the record to continue consumption.",
        cause);
  }

  private static @Nullable TopicPartition partition(KafkaException failure) {
    return KafkaFailures.unreadablePartition(
        failure, List.of(new TopicPartition("orders", 11), PARTITION));
  }

  /** Opens what there is to open, where there is no broker. */
  static final class Opens {

    @SuppressWarnings("try")
    public static void main(String[] args) {
      KafkaSettings nowhere = KafkaSettings.of("localhost:1");
      print(() -> HermesPublisher.builder(UserEvent.class).settings(nowhere).open());
      print(
          () ->
              HermesSubscriber.builder(UserEvent.class)
                  .group("billing")
                  .settings(nowhere)
                  .start(delivery -> {}));
      print(() -> HermesReader.builder(UserEvent.class).settings(nowhere).open());
    }

    private static void print(Runnable open) {
      try {
        open.run();
      } catch (Throwable e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  /** Uses the library. */
  static final class Main {

    public static void main(String[] args) {
      try (var serializer = new ZstdProtobufSerializer<>(Encoding.ZSTD, ZstdOptions.defaults())) {
        if (Frames.write(serializer, Events.large(1, 5_000)).length < 2_000) {
          System.out.println("works");
        }
      }
    }
  }
}
