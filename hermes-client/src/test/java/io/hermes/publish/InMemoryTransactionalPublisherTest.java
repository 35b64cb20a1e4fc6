package io.hermes.publish;

import static io.hermes.publish.InMemoryTransactionalPublisher.TransactionOutcome.ABORTED;
import static io.hermes.publish.InMemoryTransactionalPublisher.TransactionOutcome.ABORTED_RETRYABLE;
import static io.hermes.publish.InMemoryTransactionalPublisher.TransactionOutcome.COMMITTED;
import static io.hermes.publish.InMemoryTransactionalPublisher.TransactionOutcome.UNKNOWN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.AccessException;
import io.hermes.ContractException;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.TransactionAbortedException;
import io.hermes.TransactionUnknownException;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.InMemoryTransactionalPublisher.CommittedTransaction;
import io.hermes.publish.PublisherHealth.Transactions;
import io.hermes.publish.TransactionalPublisher.Body;
import io.hermes.publish.TransactionalPublisher.Transaction;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions without Kafka are those that Kafka has. */
@KafkaTest
@Timeout(60)
class InMemoryTransactionalPublisherTest {

  private static final UserEvent LOGIN = Events.login("user-1", 1);
  private static final String USERS = Topic.of(UserEvent.class).messageType();

  @AutoClose
  private final InMemoryTransactionalPublisher publisher =
      InMemoryTransactionalPublisher.of(UserEvent.class, PaymentEvent.class);

  private static PaymentEvent payment(int number) {
    return TransactionTopics.payment("payment-" + number);
  }

  @Test
  void whatWasCommittedIsThereByTransaction() {
    publisher.transaction(
        tx -> {
          tx.publish(LOGIN, List.of(new RecordHeader("trace", "t-1".getBytes(UTF_8))));
          tx.publish(payment(1));
          tx.publishTombstone(USERS, "user-2".getBytes(UTF_8));
        });
    publisher.transaction(tx -> tx.publish(payment(2)));

    assertThat(publisher.transactions())
        .extracting(CommittedTransaction::events)
        .containsExactly(List.of(LOGIN, payment(1)), List.of(payment(2)));
    assertThat(publisher.events()).containsExactly(LOGIN, payment(1), payment(2));
    List<EventRecord<Message>> records = publisher.transactions().get(0).records();
    assertThat(records).hasSize(3);
    assertThat(EventHeaders.text(records.get(0).headers(), "trace")).isEqualTo("t-1");
    assertThat(records.get(2).isTombstone()).isTrue();

    publisher.clear();
    assertThat(publisher.transactions()).isEmpty();
  }

  @Test
  void outcomesAreThoseOfTheScriptAndThenCommits() {
    publisher.nextOutcomes(ABORTED, ABORTED_RETRYABLE, UNKNOWN, COMMITTED, UNKNOWN);
    // None of these uses up an outcome.
    assertThat(publisher.transaction(tx -> {})).isEmpty();
    assertThatThrownBy(() -> publisher.transaction(tx -> tx.publish(StringValue.of("foreign"))))
        .isInstanceOf(TransactionAbortedException.class);

    assertThatThrownBy(() -> both(3))
        .isInstanceOfSatisfying(
            TransactionAbortedException.class,
            aborted -> {
              assertThat(aborted.isRetryable()).isFalse();
              assertThat(aborted.events()).isEqualTo(2);
              assertThat(aborted.transactionalId()).isEqualTo(publisher.transactionalId());
              assertThat(aborted).hasCauseInstanceOf(AccessException.class);
            });
    assertThatThrownBy(() -> both(4))
        .isInstanceOfSatisfying(
            TransactionAbortedException.class,
            aborted -> assertThat(aborted.isRetryable()).isTrue());
    assertThatThrownBy(() -> both(5))
        .isInstanceOf(TransactionUnknownException.class)
        .hasMessageContaining("The test leaves the outcome of this transaction open");
    assertThat(both(6)).hasSize(2);
    assertThat(publisher.health().transactions()).contains(new Transactions(1, 3, 1));
    publisher.clear();
    assertThat(both(7)).hasSize(2);
    assertThat(publisher.events()).containsExactly(Events.login("user-1", 7), payment(7));
  }

  private List<Receipt> both(int number) {
    return TransactionTopics.both(publisher, number);
  }

  @Test
  void itClosesLikeAnyOtherAndKeepsWhatWasCommitted() {
    both(1);
    assertThat(publisher.health().isHealthy()).isTrue();
    publisher.close();
    assertThat(publisher.health().state()).isEqualTo(PublisherHealth.State.CLOSED);
    assertThat(publisher.events()).containsExactly(LOGIN, payment(1));
  }

  @Test
  void aWrongContractIsRefusedAndSoIsNone() {
    assertThatThrownBy(() -> InMemoryTransactionalPublisher.of(StringValue.class))
        .isInstanceOf(ContractException.class);
    assertThatThrownBy(InMemoryTransactionalPublisher::of).isInstanceOf(SettingsException.class);
  }

  @Test
  void manyThreadsLoseNothingAndMixNothing() {
    IntStream.range(0, 1_000).parallel().forEach(this::both);
    assertThat(publisher.transactions())
        .hasSize(1_000)
        .allMatch(
            one -> {
              int number = Events.number((UserEvent) one.events().get(0));
              return one.events().get(1).equals(payment(number));
            });
    assertThat(publisher.transactions().get(999).records().get(0).offset()).isEqualTo(999 * 2);
  }

  /** Outcomes, messages, receipts and records are the same, also offsets. */
  @Test
  void itDecidesAndWritesAsTheRealOneOnKafka(Kafka kafka) {
    Topic<UserEvent> users = Topic.of(UserEvent.class).withName(kafka.uniqueTopic("users", 1));
    Topic<PaymentEvent> payments =
        Topic.of(PaymentEvent.class).withName(kafka.uniqueTopic("payments", 1));
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    List<String> real;
    try (TransactionalPublisher onKafka =
        TransactionalPublisher.builder().topic(users).topic(payments).settings(settings).open()) {
      real = everyCase(onKafka, users, payments);
    }
    assertThat(everyCase(publisher, Topic.of(UserEvent.class), Topic.of(PaymentEvent.class)))
        .isEqualTo(real);

    List<EventRecord<Message>> kept =
        publisher.transactions().stream().flatMap(one -> one.records().stream()).toList();
    assertThat(shown(kept, Topic.of(UserEvent.class))).isEqualTo(read(settings, users)).hasSize(4);
    assertThat(shown(kept, Topic.of(PaymentEvent.class))).isEqualTo(read(settings, payments));
  }

  private static List<String> everyCase(
      TransactionalPublisher tested, Topic<UserEvent> users, Topic<PaymentEvent> payments) {
    List<Transaction> kept = new ArrayList<>();
    List<Body<Exception>> bodies = new ArrayList<>();
    bodies.add(
        tx -> {
          tx.publish(LOGIN, List.of(new RecordHeader("trace", "t-1".getBytes(UTF_8))));
          tx.publish(payment(1));
          tx.publish(Events.typical(7));
          kept.add(tx);
        });
    bodies.add(tx -> kept.get(0).publish(LOGIN));
    bodies.add(tx -> {});
    bodies.add(
        tx -> {
          tx.publish(LOGIN);
          throw new IOException("the disk is full");
        });
    UserEvent huge = LOGIN.toBuilder().setEventId("x".repeat(17 << 20)).build();
    UserEvent large = LOGIN.toBuilder().setEventId("x".repeat(15 << 20)).build();
    for (Message invalid :
        List.of(StringValue.of("foreign"), huge, LOGIN.toBuilder().clearUserId().build())) {
      bodies.add(tx -> tx.publish(invalid));
      bodies.add(
          tx -> {
            tx.publish(LOGIN);
            assertThatThrownBy(() -> tx.publish(invalid)).isInstanceOf(HermesException.class);
          });
    }
    bodies.add(
        tx -> {
          for (int i = 0; i < 3; i++) {
            tx.publish(large);
          }
        });
    for (String reserved : List.of(EventHeaders.MESSAGE_TYPE, EventHeaders.REDRIVE_GROUP)) {
      bodies.add(tx -> tx.publish(LOGIN, List.of(new RecordHeader(reserved, new byte[1]))));
    }
    bodies.add(tx -> tx.publishTombstone(USERS, new byte[0]));
    bodies.add(tx -> tx.publishTombstone("unknown.Type", new byte[1]));
    bodies.add(
        tx -> {
          tx.publish(LOGIN);
          CompletableFuture.runAsync(() -> tx.publish(LOGIN)).exceptionally(failed -> null).join();
        });
    bodies.add(
        tx -> {
          tx.publishTombstone(USERS, "user-2".getBytes(UTF_8));
          tx.publish(Events.login("user-3", 3));
        });
    List<String> outcomes = new ArrayList<>();
    bodies.forEach(body -> outcomes.add(outcome(tested, body)));
    tested.close();
    outcomes.add(outcome(tested, tx -> tx.publish(LOGIN)));
    outcomes.add(tested.health().transactions().toString());
    return outcomes.stream()
        .map(outcome -> outcome.replace(users.name(), "USERS").replace(payments.name(), "PAYMENTS"))
        .toList();
  }

  private static String outcome(TransactionalPublisher tested, Body<Exception> body) {
    try {
      return tested.transaction(body).stream()
          .map(
              receipt ->
                  receipt.topic()
                      + List.of(
                          receipt.partition(),
                          receipt.offset(),
                          receipt.keyBytes(),
                          receipt.valueBytes()))
          .toList()
          .toString();
    } catch (HermesException e) {
      return e.getClass() + " " + e.isRetryable() + " " + e.getMessage() + " " + e.getCause();
    } catch (Exception e) {
      return e.toString();
    }
  }

  private static <M extends Message> List<String> read(KafkaSettings settings, Topic<M> topic) {
    List<EventRecord<Message>> read = new ArrayList<>();
    try (HermesReader<Message> reader =
        HermesReader.<Message>builder(List.of(topic)).settings(settings).toEnd().open()) {
      reader.forEach(read::add);
    }
    return shown(read, topic);
  }

  private static List<String> shown(List<EventRecord<Message>> records, Topic<?> topic) {
    return records.stream()
        .filter(record -> record.topic().equals(topic.name()))
        .map(
            record ->
                record.key()
                    + " "
                    + Arrays.stream(record.headers().toArray())
                        .map(header -> header.key() + "=" + new String(header.value(), UTF_8))
                        .toList()
                    + " "
                    + record.offset()
                    + Arrays.toString(record.rawValue()))
        .toList();
  }
}
