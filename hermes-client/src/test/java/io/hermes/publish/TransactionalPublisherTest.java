package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.TransactionAbortedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All or nothing, with a broker that works. */
@KafkaTest
@Timeout(60)
class TransactionalPublisherTest {

  private final Kafka kafka;
  private final TransactionTopics topics;

  TransactionalPublisherTest(Kafka kafka) {
    this.kafka = kafka;
    this.topics = TransactionTopics.create(kafka);
  }

  @Test
  void commitsEventsOfSeveralTypesAndTopicsTogether() {
    try (TransactionalPublisher publisher = topics.builder().open()) {
      UserEvent login = Events.login("user-1", 7);
      List<Receipt> receipts =
          publisher.transaction(
              tx -> {
                tx.publish(login, List.of(new RecordHeader("trace", "t-1".getBytes(UTF_8))));
                tx.publish(TransactionTopics.payment("payment-7"));
                tx.publishTombstone(topics.users().messageType(), "user-2".getBytes(UTF_8));
              });
      assertThat(receipts)
          .extracting(Receipt::topic)
          .containsExactly(topics.users().name(), topics.payments().name(), topics.users().name());
      assertThat(receipts.get(0).offset()).isZero();
      assertThat(receipts.get(2).offset()).isEqualTo(1);
      assertThat(receipts.get(2).valueBytes()).isEqualTo(-1);
      assertThat(publisher.health().isHealthy()).isTrue();
      assertThat(publisher.health().inFlightRecords()).isZero();
      assertThat(publisher.transaction(tx -> {})).isEmpty();

      List<EventRecord<Message>> read = new ArrayList<>();
      try (HermesReader<Message> reader =
          HermesReader.<Message>builder(List.of(topics.users(), topics.payments()))
              .settings(KafkaSettings.of(kafka.bootstrapServers()))
              .toEnd()
              .open()) {
        reader.forEach(read::add);
      }
      assertThat(read).hasSize(3);
      assertThat(RawRecords.readCommitted(kafka, topics.users().name()))
          .first()
          .satisfies(
              record ->
                  assertThat(record.headers().lastHeader("trace").value())
                      .isEqualTo("t-1".getBytes(UTF_8)));
    }
  }

  @Test
  void whatTheBodyThrowsAbortsAndIsThrownAsItIs() {
    try (TransactionalPublisher publisher = topics.builder().open()) {
      IOException thrown = new IOException("the disk is full");
      assertThatThrownBy(
              () ->
                  publisher.transaction(
                      tx -> {
                        tx.publish(Events.login("user-1", 1));
                        throw thrown;
                      }))
          .isSameAs(thrown);
      TransactionTopics.both(publisher, 2);
      assertThat(topics.committedUsers()).containsExactly(2);
      assertThat(RawRecords.readAll(kafka, topics.users().name())).hasSize(1);
    }
  }

  @Test
  void anEventThatCannotBePublishedAbortsAllAlsoIfTheBodyCatchesIt() {
    Message foreign = com.google.protobuf.Duration.getDefaultInstance();
    Message huge = UserEvent.newBuilder().setUserId("u").setEventId("x".repeat(20 << 20)).build();
    Message withoutKey = UserEvent.getDefaultInstance();
    try (TransactionalPublisher publisher = topics.builder().open()) {
      for (Message invalid : List.of(foreign, huge, withoutKey)) {
        TransactionAbortedException aborted =
            catchThrowableOfType(
                TransactionAbortedException.class,
                () ->
                    publisher.transaction(
                        tx -> {
                          tx.publish(Events.login("user-1", 1));
                          assertThatThrownBy(() -> tx.publish(invalid))
                              .isInstanceOf(TransactionAbortedException.class)
                              .hasCauseInstanceOf(PublishRejectedException.class);
                          assertThatThrownBy(() -> tx.publish(Events.login("user-1", 2)))
                              .isInstanceOf(TransactionAbortedException.class);
                        }));
        assertThat(aborted.isRetryable()).isFalse();
        assertThat(aborted.events()).isEqualTo(1);
        assertThat(aborted.transactionalId()).isEqualTo(publisher.transactionalId());
        assertThat(aborted)
            .hasMessageStartingWith(
                "The transaction of 1 event was aborted, and none of them is visible. Not written");
      }
      assertThat(RawRecords.readAll(kafka, topics.users().name())).isEmpty();
    }
  }

  /** Hermes does not know the topic's limit, so the broker has taken the first event by then. */
  @Test
  void anEventThatTheBrokerRefusesAbortsWhatItHasTaken() {
    Topic<UserEvent> narrow = Events.topic("narrow-" + UUID.randomUUID());
    kafka.createTopic(narrow.name(), 1, Map.of("max.message.bytes", "1000"));
    String noise =
        new Random(1).ints(2_000).mapToObj(Integer::toString).collect(Collectors.joining());
    try (TransactionalPublisher publisher = topics.builder().topic(narrow).open()) {
      // The last contract of a type counts.
      assertThatThrownBy(
              () ->
                  publisher.transaction(
                      tx -> {
                        for (int i = 0; i < 20; i++) {
                          tx.publish(TransactionTopics.payment("payment-" + i));
                        }
                        tx.publish(
                            Events.login("user-1", 1).toBuilder()
                                .setData(UserEvent.Data.newBuilder().setEmail(noise))
                                .build());
                      }))
          .isInstanceOf(TransactionAbortedException.class)
          .hasMessageContaining("Not written to " + narrow.name())
          .hasMessageContaining("raise max.request.size and the topic's max.message.bytes")
          .matches(e -> !((HermesException) e).isRetryable());
      assertThat(topics.committedPayments()).isEmpty();
      assertThat(RawRecords.readCommitted(kafka, narrow.name())).isEmpty();
      publisher.transaction(tx -> tx.publish(Events.login("user-1", 2)));
      assertThat(RawRecords.readCommitted(kafka, narrow.name())).hasSize(1);
    }
  }

  @Test
  void aSecondProducerWithItsIdIsNamedAndFencedInTurn() {
    try (TransactionalPublisher publisher = topics.builder().open();
        KafkaProducer<byte[], byte[]> other =
            new KafkaProducer<>(
                Map.of(
                    "bootstrap.servers",
                    kafka.bootstrapServers(),
                    "transactional.id",
                    publisher.transactionalId()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      TransactionTopics.both(publisher, 1);
      other.initTransactions();
      other.beginTransaction();
      var unused = other.send(new ProducerRecord<>(topics.users().name(), new byte[] {1}));
      other.flush();
      assertThatThrownBy(() -> TransactionTopics.both(publisher, 2))
          .isInstanceOf(TransactionAbortedException.class)
          .hasMessageContaining(
              "Another producer with the transactional id " + publisher.transactionalId())
          .matches(e -> ((HermesException) e).isRetryable());
      TransactionTopics.both(publisher, 3);
      assertThatThrownBy(other::commitTransaction).isInstanceOf(KafkaException.class);
      assertThat(topics.committedUsers()).containsExactly(1, 3);
      assertThat(topics.committedPayments()).containsExactly(1, 3);
      assertThat(publisher.health().isHealthy()).isTrue();
    }
  }

  @Test
  void twoPublishersOfOneServiceDoNotFenceEachOther() {
    try (TransactionalPublisher one = topics.builder().open();
        TransactionalPublisher other = topics.builder().open()) {
      assertThat(one.transactionalId())
          .startsWith("hermes-transactions-")
          .isNotEqualTo(other.transactionalId());
      for (int i = 0; i < 10; i++) {
        TransactionTopics.both(i % 2 == 0 ? one : other, i);
      }
    }
    assertThat(topics.committedUsers()).hasSize(10);
  }

  @Test
  void callersOnSeveralThreadsTakeTurns() throws Exception {
    int threads = 4;
    int each = 15;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (TransactionalPublisher publisher = topics.builder().open()) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread * each;
        running.add(
            executor.submit(
                () ->
                    IntStream.range(first, first + each)
                        .forEach(i -> TransactionTopics.both(publisher, i))));
      }
      for (Future<?> one : running) {
        one.get(50, SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(topics.committedUsers())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, threads * each).boxed().toList());
    assertThat(topics.committedPayments())
        .isEqualTo(IntStream.range(0, threads * each).boxed().toList());
  }

  @Test
  void onlyTheThreadOfTheBodyMayUseATransactionAndOnlyUntilItReturns() {
    List<TransactionalPublisher.Transaction> kept = new ArrayList<>();
    try (TransactionalPublisher publisher = topics.builder().open()) {
      publisher.transaction(kept::add);
      assertThatThrownBy(() -> kept.get(0).publish(Events.login("user-1", 1)))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("has ended");
      assertThatThrownBy(
              () ->
                  publisher.transaction(
                      tx -> {
                        tx.publish(Events.login("user-1", 2));
                        CompletableFuture<Void> elsewhere =
                            CompletableFuture.runAsync(() -> tx.publish(Events.login("user-1", 3)));
                        assertThatThrownBy(elsewhere::join)
                            .hasMessageContaining("belongs to the thread that runs its body");
                      }))
          .isInstanceOf(TransactionAbortedException.class)
          .hasMessageContaining("A thread other than the one that runs its body");
    }
    assertThat(RawRecords.readAll(kafka, topics.users().name())).isEmpty();
  }

  @Test
  void aBodyThatRunsHoldsUpNoReaderAndOneThatTakesTooLongIsAborted() {
    try (TransactionalPublisher publisher = topics.builder().timeout(Duration.ofSeconds(1)).open();
        HermesPublisher<UserEvent> other =
            HermesPublisher.builder(topics.users())
                .settings(KafkaSettings.of(kafka.bootstrapServers()))
                .open()) {
      long startNs = System.nanoTime();
      assertThatThrownBy(
              () ->
                  publisher.transaction(
                      tx -> {
                        tx.publish(Events.login("user-1", 1));
                        other.publishAndWait(Events.login("user-2", 2), Duration.ofSeconds(20));
                        assertThat(topics.visibleUsers()).containsExactly(2);
                        while (System.nanoTime() - startNs < SECONDS.toNanos(2)) {
                          Thread.onSpinWait();
                        }
                        tx.publish(Events.login("user-1", 3));
                      }))
          .isInstanceOf(TransactionAbortedException.class)
          .hasMessageContaining("timeout of the transaction has expired")
          .matches(e -> ((HermesException) e).isRetryable());
    }
    assertThat(topics.committedUsers()).containsExactly(2);
  }

  @Test
  void observersFollowEachEventToTheOutcomeOfItsTransaction() {
    List<String> seen = new CopyOnWriteArrayList<>();
    PublisherObserver observer =
        event -> {
          event.addHeader("observed", new byte[] {1});
          seen.add("begins");
          return new PublisherObserver.Publication() {
            @Override
            public Runnable sending() {
              seen.add("sends");
              return () -> seen.add("sent");
            }

            @Override
            public void acknowledged(Receipt receipt) {
              seen.add("acknowledged " + receipt.offset());
            }

            @Override
            public void rejected(PublishRejectedException why) {
              seen.add("rejected");
            }

            @Override
            public void unknown(PublishUnknownException why) {
              seen.add("unknown");
            }
          };
        };
    try (TransactionalPublisher publisher = topics.builder().observer(observer).open()) {
      publisher.transaction(
          tx -> {
            tx.publish(Events.login("user-1", 1));
            tx.publish(Events.login("user-1", 2));
          });
      assertThat(seen)
          .containsExactly(
              "begins",
              "begins",
              "sends",
              "sent",
              "sends",
              "sent",
              "acknowledged 0",
              "acknowledged 1");
      seen.clear();
      assertThatThrownBy(
              () ->
                  publisher.transaction(
                      tx -> {
                        tx.publish(Events.login("user-1", 3));
                        tx.publish(UserEvent.getDefaultInstance());
                      }))
          .isInstanceOf(TransactionAbortedException.class);
      assertThat(seen).containsExactly("begins", "begins", "rejected", "rejected");
    }
    assertThat(RawRecords.readCommitted(kafka, topics.users().name()))
        .allSatisfy(record -> assertThat(record.headers().lastHeader("observed")).isNotNull());
  }

  @Test
  void settingsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> topics.builder().timeout(Duration.ofMillis(10)))
        .isInstanceOf(SettingsException.class);
    assertThatThrownBy(() -> TransactionalPublisher.builder().open())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("at least one type");
    assertThatThrownBy(() -> openWithTransactionTimeout(5_000))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("transaction.timeout.ms is 5000, but a transaction may take 20 s");
    assertThatThrownBy(() -> openWithTransactionTimeout(3_600_000))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("transaction.max.timeout.ms");
    assertThatThrownBy(() -> openWithTransactionTimeout("soon"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Invalid value soon for configuration transaction.timeout.ms");
  }

  private void openWithTransactionTimeout(Object milliseconds) {
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("transaction.timeout.ms", milliseconds)
            .build();
    topics.builder().settings(settings).open().close();
  }

  @Test
  void afterCloseATransactionIsAborted() {
    TransactionalPublisher publisher = topics.builder().open();
    publisher.close();
    publisher.close();
    assertThatThrownBy(() -> TransactionTopics.both(publisher, 1))
        .isInstanceOf(TransactionAbortedException.class)
        .hasMessageContaining("The publisher is closed.");
    assertThat(publisher.health().state()).isEqualTo(PublisherHealth.State.CLOSED);
  }
}
