package io.hermes.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.events.v1.UserEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Native memory: the resident memory, as Linux reports it, of a JVM whose heap stays as it is. */
@Tag("full")
@Timeout(600)
class NativeMemoryTest {

  @Test
  void tenThousandShortLivedThreadsLeakNothing() throws Exception {
    // A context takes more than 100 KiB: one left by each thread would be over 1 GiB.
    assertThat(kibibytesGrownBy("threads")).isLessThan(32 << 10);
  }

  @Test
  void threeThousandSerdesThatAreClosedLeakNothing() throws Exception {
    assertThat(kibibytesGrownBy("serdes")).isLessThan(32 << 10);
  }

  private static long kibibytesGrownBy(String what) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    assertThat(process.waitFor()).as(output).isZero();
    return Long.parseLong(output);
  }

  /** The child: uses the codec, a bit to warm up and then much, and prints how far it has grown. */
  static final class Main {

    private static final UserEvent EVENT = Events.large(1, 4_000);
    private static final UserEvent LARGE = Events.large(2, 300_000);
    private static final ZstdOptions OPTIONS =
        ZstdOptions.builder()
            .dictionaries(
                List.of(ZstdDictionary.train(DictionaryTest.samples(0, 500), 8 << 10, 40_000)))
            .build();

    public static void main(String[] args) throws Exception {
      run(args[0], 1_000);
      long before = residentKiB();
      run(args[0], args[0].equals("threads") ? 10_000 : 3_000);
      System.out.println(residentKiB() - before);
    }

    private static void run(String what, int count) throws InterruptedException {
      if (what.equals("serdes")) {
        serdes(count);
        return;
      }
      try (var serializer = new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, OPTIONS);
          var deserializer = new ZstdProtobufDeserializer<>(UserEvent.parser(), OPTIONS)) {
        threads(count, serializer, deserializer);
      }
    }

    private static void threads(
        int count,
        ZstdProtobufSerializer<UserEvent> serializer,
        ZstdProtobufDeserializer<UserEvent> deserializer)
        throws InterruptedException {
      for (int i = 0; i < count; i += 10) {
        Thread[] threads = new Thread[10];
        for (int j = 0; j < threads.length; j++) {
          threads[j] = new Thread(() -> roundTrip(EVENT, serializer, deserializer));
          threads[j].start();
        }
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }

    private static void serdes(int count) {
      for (int i = 0; i < count; i++) {
        try (var serializer = new ZstdProtobufSerializer<UserEvent>(Encoding.ZSTD, OPTIONS);
            var deserializer = new ZstdProtobufDeserializer<>(UserEvent.parser(), OPTIONS)) {
          roundTrip(i % 10 == 0 ? LARGE : EVENT, serializer, deserializer);
        }
      }
    }

    private static void roundTrip(
        UserEvent event,
        ZstdProtobufSerializer<UserEvent> serializer,
        ZstdProtobufDeserializer<UserEvent> deserializer) {
      Headers headers = Frames.none();
      byte[] value = serializer.serialize("t", headers, event);
      if (!event.equals(deserializer.deserialize("t", headers, value))
          || !headers.iterator().hasNext()) {
        throw new AssertionError("The event did not come back from a frame.");
      }
    }

    private static long residentKiB() throws IOException {
      System.gc(); // direct buffers
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      throw new AssertionError("/proc/self/status has no VmRSS: run this test on Linux.");
    }
  }
}
