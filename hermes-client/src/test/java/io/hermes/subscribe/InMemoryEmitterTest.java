package io.hermes.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.ContractException;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.read.HermesReader;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An emitter without Kafka takes and refuses what that of a pipe does. */
@KafkaTest
@Timeout(60)
class InMemoryEmitterTest {

  private static final UserEvent EVENT = Users.event("user-1", 1);

  @AutoClose
  private final InMemoryEmitter out = InMemoryEmitter.of(UserEvent.class, PaymentEvent.class);

  private static List<Header> headers(String name) {
    return List.of(new RecordHeader(name, "t-1".getBytes(UTF_8)));
  }

  @Test
  void aHandlerCanBeCalledAndWhatItEmitsIsThere() throws Exception {
    PipeHandler<UserEvent> handler =
        (delivery, emitter) -> {
          emitter.emit(delivery.event(), headers("trace"));
          emitter.emit(PaymentEvent.newBuilder().setPaymentId("p-1").build());
          emitter.emitTombstone(UserEvent.class, "user-2");
        };
    handler.handle(Delivery.of(Topic.of(UserEvent.class), EVENT), out);
    out.close();

    assertThat(out.events())
        .containsExactly(EVENT, PaymentEvent.newBuilder().setPaymentId("p-1").build());
    assertThat(out.records()).extracting(EventRecord::offset).containsExactly(0L, 1L, 2L);
    EventRecord<Message> first = out.records().get(0);
    assertThat(first.topic()).isEqualTo(Topic.of(UserEvent.class).name());
    assertThat(first.key()).isEqualTo("user-1");
    assertThat(EventHeaders.text(first.headers(), "trace")).isEqualTo("t-1");
    assertThat(out.records().get(2).isTombstone()).isTrue();
    assertThat(out.records().get(2).key()).isEqualTo("user-2");
  }

  @Test
  void itRefusesWhatWasNotDeclaredOrCannotBeWrittenAndGoesOn() {
    assertThatThrownBy(() -> out.emit(OrderPlaced.getDefaultInstance()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Add it with to(type)");
    assertThatThrownBy(() -> out.emit(UserEvent.getDefaultInstance()))
        .isInstanceOf(PublishRejectedException.class);
    out.emit(EVENT);
    assertThat(out.events()).containsExactly(EVENT);
    assertThatThrownBy(() -> InMemoryEmitter.of(StringValue.class))
        .isInstanceOf(ContractException.class);
  }

  @Test
  void onlyItsThreadMayUseItUntilItIsClosed() {
    CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(() -> out.emit(EVENT));
    assertThatThrownBy(elsewhere::join).hasCauseInstanceOf(HermesException.class);
    out.close();
    assertThatThrownBy(() -> out.emit(EVENT))
        .isInstanceOf(HermesException.class)
        .hasMessageContaining("until the handler returns");
    assertThatThrownBy(() -> out.emitTombstone(UserEvent.class, "user-1"))
        .isInstanceOf(HermesException.class);
    assertThat(out.records()).isEmpty();
  }

  /** Refusals, with their messages, and records are the same. */
  @Test
  void itDecidesAndWritesAsThatOfARealPipe(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = Topic.of(UserEvent.class).withName(kafka.uniqueTopic("out", 1));
      List<String> real = new CopyOnWriteArrayList<>();
      List<Emitter> kept = new CopyOnWriteArrayList<>();
      users.send("user-1", 1).get();
      try (HermesSubscriber pipe =
          HermesPipe.from(users.topic())
              .to(output)
              .to(Topic.of(PaymentEvent.class).withName(kafka.uniqueTopic("payments", 1)))
              .settings(users.settings())
              .group(users.group())
              .start(
                  (delivery, emitter) -> {
                    kept.add(emitter);
                    everyCase(emitter, real);
                  })) {
        Await.until("committed", () -> users.committedSum() == 1);
        assertThat(pipe.health().counts().failed()).isZero();
        real.add(outcome(() -> kept.get(0).emit(EVENT)));
      }
      List<String> inMemory = new ArrayList<>();
      everyCase(out, inMemory);
      out.close();
      inMemory.add(outcome(() -> out.emit(EVENT)));
      assertThat(named(inMemory, Topic.of(UserEvent.class))).isEqualTo(named(real, output));

      List<EventRecord<Message>> read = new ArrayList<>();
      try (HermesReader<Message> reader =
          HermesReader.<Message>builder(List.of(output))
              .settings(users.settings())
              .toEnd()
              .open()) {
        reader.forEach(read::add);
      }
      assertThat(shown(out.records())).isEqualTo(shown(read)).hasSize(3);
    }
  }

  private static void everyCase(Emitter emitter, List<String> outcomes) {
    UserEvent huge = EVENT.toBuilder().setEventId("x".repeat(17 << 20)).build();
    List<Runnable> calls =
        List.of(
            () -> emitter.emit(EVENT),
            () -> emitter.emit(StringValue.of("undeclared")),
            () -> emitter.emit(UserEvent.getDefaultInstance()),
            () -> emitter.emit(huge),
            () -> emitter.emit(EVENT, headers(EventHeaders.EVENT_TYPE)),
            () -> emitter.emit(EVENT, headers(EventHeaders.REDRIVE_GROUP)),
            () -> emitter.emit(EVENT, headers("trace")),
            () -> emitter.emitTombstone(UserEvent.class, ""),
            () -> emitter.emitTombstone(OrderPlaced.class, "order-1"),
            () -> emitter.emitTombstone(UserEvent.class, "user-2"),
            () -> CompletableFuture.runAsync(() -> emitter.emit(EVENT)).join());
    calls.forEach(call -> outcomes.add(outcome(call)));
  }

  private static String outcome(Runnable call) {
    try {
      call.run();
      return "taken";
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private static List<String> named(List<String> outcomes, Topic<?> topic) {
    return outcomes.stream().map(outcome -> outcome.replace(topic.name(), "TOPIC")).toList();
  }

  private static List<String> shown(List<EventRecord<Message>> records) {
    return records.stream()
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
