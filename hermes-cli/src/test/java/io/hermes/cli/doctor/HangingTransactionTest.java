package io.hermes.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.testkit.EmbeddedKafka;
import io.hermes.testkit.HeldTransaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands that doctor prints do what it says, with Kafka's own tools. */
@Tag("slow")
@Timeout(120)
class HangingTransactionTest {

  private static final Pattern COMMAND = Pattern.compile("kafka-transactions\\.sh (.*)");

  @AutoClose private final EmbeddedKafka kafka = EmbeddedKafka.start();

  @Test
  void isAbortedByTheCommandThatDoctorPrints() throws Exception {
    assertThat(hermes("topics", "apply").exitCode()).isZero();
    kafka.holdTransaction("settlement-7", record()).leave();
    Run known = hermes("doctor");
    assertThat(known.out()).contains("the transaction of 'settlement-7'");
    abort(known);
    assertThat(hermes("doctor").out()).contains("ok       transactions   none blocks readers");
  }

  @Test
  void thatNoCoordinatorKnowsIsAbortedByTheCommandThatDoctorPrints() throws Exception {
    assertThat(hermes("topics", "apply").exitCode()).isZero();
    kafka.holdTransaction("settlement-7", record()).leave();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.deleteTopics(List.of(Topic.TRANSACTION_STATE_TOPIC_NAME)).all().get(30, SECONDS);
    }
    Run unknown = hermes("doctor");
    assertThat(unknown.out()).contains("a transaction with an unknown name");
    abort(unknown);
    assertThat(hermes("doctor").out()).contains("ok       transactions   none blocks readers");
  }

  @Test
  void isNotConfusedWithLaterTransactions() throws Exception {
    assertThat(hermes("topics", "apply").exitCode()).isZero();
    kafka.holdTransaction("settlement-7", record()).leave();
    try (HeldTransaction atWork = kafka.holdTransaction("billing-1", record())) {
      Run doctor = hermes("doctor");
      assertThat(doctor.out()).contains("'settlement-7'").doesNotContain("'billing-1'");
      abort(doctor);
      atWork.commit();
    }
    assertThat(hermes("doctor").out()).contains("ok       transactions   none blocks readers");
  }

  private void abort(Run doctor) throws Exception {
    Matcher command = COMMAND.matcher(doctor.out());
    assertThat(command.find()).isTrue();
    List<String> java =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.apache.kafka.tools.TransactionsCommand")); // what the script runs
    java.addAll(List.of(command.group(1).split(" ")));
    Process process = new ProcessBuilder(java).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private Run hermes(String... args) {
    return Run.hermes(kafka.bootstrapServers(), args);
  }

  private static ProducerRecord<byte[], byte[]> record() {
    return new ProducerRecord<>("user.events", 0, null, new byte[1]);
  }
}
