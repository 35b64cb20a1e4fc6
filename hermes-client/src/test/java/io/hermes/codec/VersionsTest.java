package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/** Whether these tests run on the versions that they are meant for. */
class VersionsTest {

  @Test
  void theJarsAreThoseThatTheBuildAsksFor() {
    String asked = System.getProperty("hermes.test.jars", "set hermes.test.jars");
    List<String> jars =
        Stream.of(Zstd.class, Message.class, Serde.class).map(VersionsTest::jarOf).toList();
    assertThat(jars).containsExactly(asked.split(" "));
  }

  private static String jarOf(Class<?> type) {
    var source = type.getProtectionDomain().getCodeSource();
    return Path.of(source.getLocation().getPath()).getFileName().toString();
  }
}
