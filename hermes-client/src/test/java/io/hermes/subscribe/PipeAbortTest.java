package io.hermes.subscribe;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.EventHeaders;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An abort takes back all that belongs to a transaction: outputs, dead letters and offsets. */
@KafkaTest
@Tag("slow")
@Timeout(60)
class PipeAbortTest {

  private static final int EVENTS = 20;
  private static final int POISON = 7;

  /** What makes a pipe abort its transaction. */
  private interface Abort {
    void of(String group, Admin admin) throws Exception;
  }

  @Test
  void byAFenceTakesAllBackAndAllIsHandledAgain(Kafka kafka) throws Exception {
    abort(kafka, (group, admin) -> kafka.fence(transactionOf(group, admin)));
  }

  @Test
  void byALossOfItsPartitionsTakesAllBackAndAllIsHandledAgain(Kafka kafka) throws Exception {
    abort(
        kafka,
        (group, admin) ->
            admin
                .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                .all()
                .get(30, SECONDS));
  }

  private static void abort(Kafka kafka, Abort abort) throws Exception {
    try (Users users = new Users(kafka, 1);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Topic<UserEvent> output = Users.topicOf(kafka.uniqueTopic("out", 1));
      String letters = DeadLetterHeaders.topicOf(users.topic().name());
      KafkaSettings quick =
          users.settings().toBuilder()
              .property("heartbeat.interval.ms", Users.HEARTBEAT_MS)
              .build();
      users.sendAll(1, EVENTS);
      try (HermesSubscriber pipe =
          HermesPipe.from(users.topic())
              .to(output)
              .settings(quick)
              .group(users.group())
              .maxSlice(Duration.ofSeconds(5))
              .onError(
                  ErrorPolicy.retryForever().on(IllegalStateException.class, Decision.DEAD_LETTER))
              .start(PipeAbortTest::answer)) {
        // All of it is in one transaction, which is open for seconds yet.
        Await.until("handled", () -> pipe.health().counts().handled() == EVENTS);
        assertThat(users.committedSum()).isZero();
        assertThat(RawRecords.readCommitted(kafka, output.name())).isEmpty();
        assertThat(RawRecords.readCommitted(kafka, letters)).isEmpty();

        abort.of(users.group(), admin);

        Await.until("all committed", () -> users.committedSum() == EVENTS);
        Await.until("healthy", () -> pipe.health().isHealthy());
        assertThat(pipe.health().counts().handled()).isEqualTo(2 * EVENTS);
        assertThat(pipe.health().counts().abortedTransactions()).isPositive();
        assertThat(pipe.health().counts().committedTransactions()).isPositive();
      }
      assertThat(numbers(RawRecords.readCommitted(kafka, output.name())))
          .isEqualTo(
              IntStream.range(0, EVENTS).filter(number -> number != POISON).boxed().toList());
      assertThat(RawRecords.readCommitted(kafka, letters))
          .extracting(letter -> EventHeaders.text(letter.headers(), DeadLetterHeaders.OFFSET))
          .containsExactly(Integer.toString(POISON));
    }
  }

  private static void answer(Delivery<UserEvent> delivery, Emitter out) {
    out.emit(delivery.event());
    if (delivery.event().getEventId().equals(Integer.toString(POISON))) {
      throw new IllegalStateException("told to");
    }
  }

  private static String transactionOf(String group, Admin admin) throws Exception {
    return admin.listTransactions().all().get(30, SECONDS).stream()
        .map(TransactionListing::transactionalId)
        .filter(id -> id.startsWith(group))
        .findAny()
        .orElseThrow();
  }

  private static List<Integer> numbers(List<ConsumerRecord<byte[], byte[]>> records)
      throws InvalidProtocolBufferException {
    List<Integer> numbers = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      numbers.add(Integer.parseInt(UserEvent.parseFrom(record.value()).getEventId()));
    }
    return numbers;
  }
}
