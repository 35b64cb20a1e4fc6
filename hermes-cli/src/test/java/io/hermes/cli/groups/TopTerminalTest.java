package io.hermes.cli.groups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.ProcessTest;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On a real terminal, which script(1) of util-linux makes. */
@KafkaTest
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class TopTerminalTest {

  private final Kafka kafka;

  TopTerminalTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void qEndsItAndTheTerminalIsAsItWas() throws Exception {
    kafka.createTopic("watched-on-a-terminal", 1);
    TopicPartition id = new TopicPartition("watched-on-a-terminal", 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<TopicPartition, OffsetAndMetadata> commit = Map.of(id, new OffsetAndMetadata(0));
      admin.alterConsumerGroupOffsets("on-a-terminal", commit).all().get(20, SECONDS);
    }
    List<String> command = new ArrayList<>(ProcessTest.command("top", "--group", "on-a-terminal"));
    command.add(1, "-Dhermes.columns=80");
    String quoted = command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    String script = "stty rows 24 cols 80; stty -g; " + quoted + "; echo rc=$?; stty -g";
    ProcessBuilder builder = new ProcessBuilder("script", "-qec", script, "/dev/null");
    builder.environment().put("KAFKA_BROKER", kafka.bootstrapServers());
    builder.environment().put("TERM", "xterm");
    builder.environment().put("NO_COLOR", "1");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    StringBuilder seen = new StringBuilder();
    try (Reader out = process.inputReader(UTF_8)) {
      boolean pressed = false;
      for (int c = out.read(); c >= 0; c = out.read()) {
        seen.append((char) c);
        if (!pressed && seen.indexOf("q ends it.") > 0) {
          pressed = true;
          process.getOutputStream().write('q');
          process.getOutputStream().flush();
        }
      }
    }
    assertThat(process.waitFor(20, SECONDS)).isTrue();
    String text = seen.toString();
    String entered = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    String left = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    assertThat(text).contains(entered, left, "rc=0").doesNotContain("\u001b[1m", "\u001b[2m");
    String before = text.substring(0, text.indexOf(entered)).strip();
    String after = text.substring(text.indexOf(left) + left.length()).strip();
    assertThat(after.lines().toList()).containsExactly("rc=0", before);
    assertThat(text.substring(text.indexOf(entered), text.indexOf(left)))
        .contains("1 group  1 broker  " + kafka.bootstrapServers(), "watched-on-a-terminal-0");
  }
}
