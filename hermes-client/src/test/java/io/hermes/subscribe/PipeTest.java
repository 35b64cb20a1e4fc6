package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.hermes.ContractException;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.read.HermesReader;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@KafkaTest
@SuppressWarnings("try") // a pipe that only runs
class PipeTest {

  private static final Duration SHORT = Duration.ofMillis(50);

  /** The outputs of one test: a topic of user events, which the contract calls otherwise. */
  private static Topic<UserEvent> output(Kafka kafka, Map<String, String> configuration) {
    String name = "out-" + java.util.UUID.randomUUID();
    kafka.createTopic(name, 2, configuration);
    return Users.topicOf(name);
  }

  private static PipeBuilder<UserEvent> pipe(Users users, Topic<UserEvent> output) {
    return HermesPipe.from(users.topic())
        .to(output)
        .settings(users.settings())
        .group(users.group())
        .maxSlice(SHORT);
  }

  /** What a reader sees, by key. */
  private static Map<String, List<Integer>> read(Users users, Topic<UserEvent> topic) {
    Map<String, List<Integer>> seen = new HashMap<>();
    try (HermesReader<UserEvent> reader =
        HermesReader.builder(topic)
            .settings(users.settings())
            .from(StartAt.beginning())
            .toEnd()
            .open()) {
      for (EventRecord<UserEvent> record : reader) {
        UserEvent event = record.event();
        seen.computeIfAbsent(event.getUserId(), none -> new ArrayList<>())
            .add(Integer.parseInt(event.getEventId()));
      }
    }
    return seen;
  }

  private static UserEvent answer(Delivery<UserEvent> delivery) {
    return delivery.event().toBuilder().setTimestamp(delivery.record().offset()).build();
  }

  @Test
  void emitsForEachEventOnceInTheOrderOfItsKeyAndCommitsItsOffset(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 3)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.sendAll(20, 50);
      try (HermesSubscriber pipe =
          pipe(users, output)
              .concurrency(16)
              .start(
                  (delivery, out) -> {
                    if (delivery.event().getUserId().hashCode() % 3 == 0) {
                      Thread.sleep(1);
                    }
                    out.emit(answer(delivery));
                  })) {
        Await.until("all committed", () -> users.committedSum() == 1000);
        assertThat(pipe.health().isHealthy()).isTrue();
        assertThat(pipe.health().counts().handled()).isEqualTo(1000);
      }
      Map<String, List<Integer>> seen = read(users, output);
      assertThat(seen).hasSize(20);
      assertThat(seen.values())
          .allSatisfy(
              numbers -> assertThat(numbers).isEqualTo(IntStream.range(0, 50).boxed().toList()));
    }
  }

  @Tag("slow")
  @Test
  void whatIsEmittedIsVisibleWithTheCommitOfTheHandledEventOnly(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.send("user-1", 1).get();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .maxSlice(Duration.ofSeconds(3))
              .start((delivery, out) -> out.emit(answer(delivery)))) {
        Await.until("handled", () -> pipe.health().counts().handled() == 1);
        assertThat(users.committedSum()).isZero();
        assertThat(read(users, output)).isEmpty();
        Await.until("committed", () -> users.committedSum() == 1);
        assertThat(read(users, output)).isEqualTo(Map.of("user-1", List.of(1)));
      }
    }
  }

  @Test
  void aHandlerThatTakesLongAndARetryHoldUpNoOtherKey(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      CountDownLatch release = new CountDownLatch(1);
      AtomicInteger failures = new AtomicInteger();
      users.send("slow", 0).get();
      users.send("failing", 0).get();
      users.sendAll(5, 10);
      PipeHandler<UserEvent> handler =
          (delivery, out) -> {
            out.emit(answer(delivery));
            if (delivery.event().getUserId().equals("slow")) {
              release.await();
            } else if (delivery.event().getUserId().equals("failing")
                && failures.incrementAndGet() < 4) {
              throw new IllegalStateException("told to");
            }
          };
      ErrorPolicy patient =
          ErrorPolicy.retry(10).backoff(Duration.ofMillis(400), Duration.ofMillis(400));
      try (HermesSubscriber pipe = pipe(users, output).onError(patient).start(handler)) {
        Await.until("the others are visible", () -> read(users, output).size() == 5);
        assertThat(users.committedSum()).isZero();
        Await.until("the retried is visible", () -> read(users, output).size() == 6);
        assertThat(read(users, output)).containsEntry("failing", List.of(0));
        release.countDown();
        Await.until("all committed", () -> users.committedSum() == 52);
      }
      assertThat(read(users, output)).hasSize(7).containsEntry("slow", List.of(0));
      assertThat(failures).hasValue(4);
    }
  }

  @Test
  void aRestartHandlesNothingAgainThatFinishedOutOfOrder(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.send("slow", 0).get();
      users.sendAll(5, 10);
      CountDownLatch never = new CountDownLatch(1);
      try (HermesSubscriber pipe =
          pipe(users, output)
              .start(
                  (delivery, out) -> {
                    if (delivery.event().getUserId().equals("slow")) {
                      never.await();
                    }
                    out.emit(answer(delivery));
                  })) {
        Await.until("the others are visible", () -> read(users, output).size() == 5);
        pipe.close(Duration.ofMillis(500));
      }
      assertThat(users.committedSum()).isZero();
      Map<Long, Integer> handled = new ConcurrentHashMap<>();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .start(
                  (delivery, out) -> {
                    handled.merge(delivery.record().offset(), 1, Integer::sum);
                    out.emit(answer(delivery));
                  })) {
        Await.until("all committed", () -> users.committedSum() == 51);
      }
      assertThat(handled).isEqualTo(Map.of(0L, 1));
      assertThat(read(users, output).values().stream().mapToInt(List::size).sum()).isEqualTo(51);
    }
  }

  @Test
  void aDeadLetterIsPartOfTheTransaction(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.send("user-1", 0).get();
      users.send(users.record("user-1", Users.bytes("no event"))).get();
      users.send("user-1", 1).get();
      users.send("user-2", 13).get();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .onError(ErrorPolicy.retry(2).backoff(SHORT, SHORT).thenDeadLetter())
              .start(
                  (delivery, out) -> {
                    out.emit(answer(delivery));
                    if (delivery.event().getEventId().equals("13")) {
                      throw new IllegalStateException("told to");
                    }
                  })) {
        Await.until("all committed", () -> users.committedSum() == 4);
        assertThat(pipe.health().counts().deadLettered()).isEqualTo(2);
      }
      assertThat(read(users, output)).isEqualTo(Map.of("user-1", List.of(0, 1)));
      assertThat(users.deadLetters())
          .extracting(letter -> EventHeaders.text(letter.headers(), DeadLetterHeaders.OFFSET))
          .containsExactlyInAnyOrder("1", "3");
    }
  }

  @Test
  void anOutputThatTheBrokerRefusesBecomesADeadLetterAndTheOthersGoOn(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of("max.message.bytes", "2000"));
      users.sendAll(5, 10);
      users.send("large", 0).get();
      users.sendAll(5, 10);
      AtomicInteger large = new AtomicInteger();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .onError(ErrorPolicy.retry(3).backoff(SHORT, SHORT).thenDeadLetter())
              .start(
                  (delivery, out) -> {
                    UserEvent.Builder event = answer(delivery).toBuilder();
                    if (event.getUserId().equals("large")) {
                      large.incrementAndGet();
                      byte[] random = new byte[5000];
                      new java.util.Random(1).nextBytes(random);
                      event.getDataBuilder().setEmail(java.util.HexFormat.of().formatHex(random));
                    }
                    out.emit(event.build());
                  })) {
        Await.until("all committed", () -> users.committedSum() == 101);
        Await.until("healthy", () -> pipe.health().isHealthy());
      }
      assertThat(large).hasValue(1);
      assertThat(users.deadLetters()).hasSize(1);
      assertThat(EventHeaders.text(users.deadLetters().get(0).headers(), DeadLetterHeaders.MESSAGE))
          .contains("was refused", output.name(), "raise max.request.size and");
      assertThat(read(users, output).values().stream().mapToInt(List::size).sum()).isEqualTo(100);
    }
  }

  @Tag("slow")
  @Test
  void aProducerThatIsFencedIsReplacedAndNothingIsDuplicated(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      String name = "pod-1-" + users.group();
      var settings = users.settings().toBuilder().property("group.instance.id", name).build();
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .settings(settings)
              .maxSlice(Duration.ofMillis(500))
              .start(
                  (delivery, out) -> {
                    handled.incrementAndGet();
                    out.emit(answer(delivery));
                  })) {
        for (int round = 0; round < 4; round++) {
          int sum = 50 * (round + 1);
          int before = handled.get();
          users.sendAll(5, 10);
          Await.until("some handled", () -> handled.get() > before);
          fence(users, users.group() + "-pipe-" + name);
          Await.until("all committed", () -> users.committedSum() == sum);
        }
        Await.until("healthy", () -> pipe.health().isHealthy());
      }
      assertThat(read(users, output).values().stream().mapToInt(List::size).sum()).isEqualTo(200);
    }
  }

  private static void fence(Users users, String transactionalId) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", users.settings().bootstrapServers());
    try (var admin = org.apache.kafka.clients.admin.Admin.create(config)) {
      admin.fenceProducers(List.of(transactionalId)).all().get();
    }
  }

  @Test
  void anEmitterTakesOnlyWhatWasDeclaredOnItsThreadUntilItsHandlerReturns(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.send("user-1", 0).get();
      List<Emitter> kept = new java.util.concurrent.CopyOnWriteArrayList<>();
      List<Throwable> refusals = new ArrayList<>();
      try (HermesSubscriber pipe =
          pipe(users, output)
              .start(
                  (delivery, out) -> {
                    kept.add(out);
                    refuse(refusals, () -> out.emit(StringValue.of("undeclared")));
                    refuse(refusals, () -> out.emit(UserEvent.getDefaultInstance()));
                    refuse(refusals, () -> out.emitTombstone(UserEvent.class, ""));
                    Thread other =
                        new Thread(() -> refuse(refusals, () -> out.emit(answer(delivery))));
                    other.start();
                    other.join();
                    out.emitTombstone(UserEvent.class, "user-2");
                  })) {
        Await.until("committed", () -> users.committedSum() == 1);
        assertThatThrownBy(() -> kept.get(0).emit(Users.event("user-1", 1)))
            .isInstanceOf(HermesException.class)
            .hasMessageContaining("until the handler returns");
      }
      assertThat(refusals.stream().<Class<?>>map(Object::getClass).toList())
          .isEqualTo(
              List.of(
                  SettingsException.class,
                  io.hermes.PublishRejectedException.class,
                  ContractException.class,
                  HermesException.class));
      assertThat(refusals.get(0))
          .hasMessage(
              "The pipe emits hermes.events.v1.UserEvent, not google.protobuf.StringValue. Add it"
                  + " with to(type).");
      assertThat(users.read(output.name()))
          .singleElement()
          .satisfies(record -> assertThat(record.value()).isNull());
    }
  }

  private static void refuse(List<Throwable> refusals, Runnable emit) {
    try {
      emit.run();
    } catch (RuntimeException e) {
      refusals.add(e);
    }
  }

  @Test
  void resumesWhereASubscriberOfItsGroupHasCommitted(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      users.sendAll(2, 5);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retryForever())
              .start(
                  delivery -> {
                    if (delivery.event().getUserId().equals("user-0")) {
                      throw new IllegalStateException("not yet");
                    }
                  })) {
        Await.until("one user's handled", () -> subscriber.health().counts().handled() == 5);
      }
      try (HermesSubscriber pipe =
          pipe(users, output).start((delivery, out) -> out.emit(answer(delivery)))) {
        Await.until("all committed", () -> users.committedSum() == 10);
      }
      assertThat(read(users, output)).isEqualTo(Map.of("user-0", List.of(0, 1, 2, 3, 4)));
    }
  }

  @Test
  void startRefusesWhatCouldNotWork(Kafka kafka) {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = output(kafka, Map.of());
      assertThatThrownBy(
              () -> HermesPipe.from(users.topic()).group("g").start((delivery, out) -> {}))
          .isInstanceOf(SettingsException.class)
          .hasMessage("A pipe needs an output. Call to(type).");
      assertThatThrownBy(() -> pipe(users, Users.topicOf("no-such")).start((delivery, out) -> {}))
          .isInstanceOf(UnknownTopicException.class);
      assertThatThrownBy(() -> pipe(users, output).maxSlice(Duration.ofMinutes(1)))
          .isInstanceOf(SettingsException.class)
          .hasMessage("maxSlice must be 1 ms to 5 s, not 60 s.");
      assertThatThrownBy(() -> limited(users, output, 1_999).build((delivery, out) -> {}))
          .isInstanceOf(SettingsException.class)
          .hasMessage(
              "transaction.timeout.ms is 1999, but a transaction may be open for maxSlice, 1 s,"
                  + " before it is committed. Set it to 2000 or more, or shorten maxSlice.");
      assertThatThrownBy(() -> limited(users, output, "soon").start((delivery, out) -> {}))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("Invalid value soon for configuration transaction.timeout.ms");
    }
  }

  private static PipeBuilder<UserEvent> limited(
      Users users, Topic<UserEvent> output, Object timeoutMs) {
    return pipe(users, output)
        .settings(
            users.settings().toBuilder().property("transaction.timeout.ms", timeoutMs).build())
        .maxSlice(Duration.ofSeconds(1));
  }
}
