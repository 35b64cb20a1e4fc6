package io.hermes.opentelemetry;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.BatchFailure;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The traces of events, from the caller of publish to the last attempt to handle them. */
@KafkaTest
@Timeout(120)
@SuppressWarnings("try") // a subscriber that only runs
class TracesTest {

  private final Kafka kafka;

  TracesTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private static AttributesBuilder common(Users users, String operation, String client) {
    return Attributes.builder()
        .put(stringKey("messaging.system"), "kafka")
        .put(stringKey("messaging.operation.name"), operation)
        .put(stringKey("messaging.operation.type"), operation)
        .put(stringKey("messaging.destination.name"), users.topic().name())
        .put(stringKey("messaging.client.id"), client);
  }

  /** The table of a {@code send} span. */
  private static AttributesBuilder sent(Users users, SpanData span, long offset) {
    return common(users, "send", clientId(span, "hermes-publisher-"))
        .put(stringKey("messaging.destination.partition.id"), "0")
        .put(longKey("messaging.kafka.offset"), offset)
        .put(stringKey("hermes.outcome"), "acknowledged");
  }

  /** The table of a {@code process} span. */
  private static AttributesBuilder processed(
      Users users, SpanData span, long attempt, String outcome) {
    return common(users, "process", clientId(span, users.group() + "-subscriber-"))
        .put(stringKey("messaging.destination.partition.id"), "0")
        .put(stringKey("messaging.consumer.group.name"), users.group())
        .put(longKey("hermes.attempt"), attempt)
        .put(stringKey("hermes.outcome"), outcome);
  }

  private static String clientId(SpanData span, String prefix) {
    String id = span.getAttributes().get(stringKey("messaging.client.id"));
    assertThat(id).startsWith(prefix);
    return String.valueOf(id);
  }

  /** No more and no less. */
  private static void assertAttributes(SpanData span, Attributes table) {
    assertThat(span.getAttributes().asMap()).isEqualTo(table.asMap());
  }

  private static void assertNoContent(Users users) {
    assertThat(users.spans().toString()).doesNotContain("secret");
    assertThat(users.metrics().toString()).doesNotContain("secret");
  }

  @Test
  void aTraceGoesFromTheCallerThroughEveryAttempt() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Span caller = users.publishInTraces(1).get(0);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    if (delivery.attempt() < 3) {
                      throw new IllegalStateException("no account " + delivery.event());
                    }
                  })) {
        users.awaitSpans("process", 3);
      }
      SpanData send = users.awaitSpans("send", 1).get(0);
      assertThat(send.getParentSpanContext()).isEqualTo(caller.getSpanContext());
      assertThat(send.getKind()).isEqualTo(SpanKind.PRODUCER);
      assertThat(send.getLinks()).isEmpty();
      assertThat(send.getStatus()).isEqualTo(StatusData.unset());
      assertAttributes(send, sent(users, send, 0).build());

      List<SpanData> attempts = users.spans("process");
      for (int i = 0; i < 3; i++) {
        SpanData attempt = attempts.get(i);
        assertThat(attempt.getTraceId()).isEqualTo(caller.getSpanContext().getTraceId());
        assertThat(attempt.getParentSpanId()).isEqualTo(send.getSpanId());
        assertThat(attempt.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(attempt.getLinks()).extracting(LinkData::getSpanContext).hasSize(1);
        assertThat(attempt.getLinks().get(0).getSpanContext().getSpanId())
            .isEqualTo(send.getSpanId());
        assertThat(attempt.getEvents()).isEmpty();
        AttributesBuilder table =
            processed(users, attempt, i + 1, i < 2 ? "retry" : "handled")
                .put(longKey("messaging.kafka.offset"), 0L);
        if (i < 2) {
          table.put(stringKey("error.type"), "java.lang.IllegalStateException");
        }
        assertAttributes(attempt, table.build());
        assertThat(attempt.getStatus()).isEqualTo(i < 2 ? StatusData.error() : StatusData.unset());
      }
      assertNoContent(users);
    }
  }

  @Test
  void anEventThatIsDeadLetteredKeepsItsTrace() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      Span caller = users.publishInTraces(1).get(0);
      CountDownLatch dead = new CountDownLatch(1);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .listener(DeadLettered.countDown(dead))
              .start(
                  delivery -> {
                    throw new IllegalStateException("no account");
                  })) {
        dead.await();
        subscriber.drain(Duration.ofSeconds(20));
      }
      String letters = DeadLetterHeaders.topicOf(users.topic().name());
      assertThat(users.spans("process"))
          .allMatch(span -> span.getTraceId().equals(caller.getSpanContext().getTraceId()))
          .extracting(span -> span.getAttributes().get(stringKey("hermes.outcome")))
          .containsExactly("retry", "retry", "dead_letter");
      List<ConsumerRecord<byte[], byte[]>> records = users.read(users.topic().name());
      assertThat(records).hasSize(1);
      records.addAll(users.read(letters));
      byte[] traceparent = records.get(0).headers().lastHeader("traceparent").value();
      assertThat(new String(traceparent, UTF_8)).contains(caller.getSpanContext().getTraceId());
      assertThat(records)
          .hasSize(2)
          .allSatisfy(
              record ->
                  assertThat(record.headers().headers("traceparent"))
                      .extracting(Header::value)
                      .containsExactly(traceparent));
      assertNoContent(users);
    }
  }

  @Test
  void aBatchIsOneSpanWithALinkToEachEventAndNoParent() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.publishInTraces(5);
      try (HermesSubscriber subscriber =
          users.subscriber().onBatch(users.topic(), 10, deliveries -> {}).start()) {
        users.awaitSpans("process", 1);
      }
      List<SpanData> sends = users.spans("send");
      assertThat(sends).extracting(SpanData::getTraceId).doesNotHaveDuplicates().hasSize(5);
      SpanData batch = users.awaitSpans("process", 1).get(0);
      assertThat(batch.getParentSpanId()).isEqualTo(SpanId.getInvalid());
      assertThat(batch.getLinks())
          .extracting(link -> link.getSpanContext().getSpanId())
          .containsExactlyElementsOf(sends.stream().map(SpanData::getSpanId).toList());
      assertThat(batch.getLinks())
          .extracting(LinkData::getAttributes)
          .containsExactlyElementsOf(
              IntStream.range(0, 5)
                  .mapToObj(
                      offset -> Attributes.of(longKey("messaging.kafka.offset"), (long) offset))
                  .toList());
      assertAttributes(
          batch,
          processed(users, batch, 1, "handled")
              .put(longKey("messaging.batch.message_count"), 5L)
              .build());
    }
  }

  @Test
  void ofABatchEachRecordThatFailedIsAnEventOfTheSpan() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.publishInTraces(3);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .order(ProcessingOrder.UNORDERED)
              .onError(ErrorPolicy.retry(1).thenSkip())
              .onBatch(
                  users.topic(),
                  10,
                  deliveries -> {
                    throw BatchFailure.of(
                        Map.of(0, new IllegalStateException("secret"), 2, new Exception("secret")));
                  })
              .start()) {
        users.awaitSpans("process", 1);
      }
      SpanData batch = users.awaitSpans("process", 1).get(0);
      assertThat(batch.getStatus()).isEqualTo(StatusData.error());
      assertThat(batch.getAttributes().get(stringKey("error.type")))
          .isEqualTo("java.lang.IllegalStateException");
      assertThat(batch.getEvents())
          .allMatch(event -> event.getName().equals("hermes.failed"))
          .extracting(event -> event.getAttributes())
          .containsExactly(
              failed(0, "java.lang.IllegalStateException"), failed(2, "java.lang.Exception"));
      assertNoContent(users);
    }
  }

  private static Attributes failed(long offset, String errorType) {
    return Attributes.of(
        longKey("messaging.kafka.offset"),
        offset,
        stringKey("error.type"),
        errorType,
        stringKey("hermes.outcome"),
        "skip");
  }

  @Test
  void aContextThatTheCallerHasSetIsNeverChanged() throws Exception {
    String traceId = "0af7651916cd43dd8448eb211c80319c";
    byte[] own = ("00-" + traceId + "-b7ad6b7169203331-01").getBytes(UTF_8);
    try (Users users = new Users(kafka, 1);
        HermesPublisher<UserEvent> publisher = users.publisher()) {
      users.inSpan(
          () ->
              publisher
                  .publish(Users.event(1), List.of(new RecordHeader("traceparent", own)))
                  .join());
      try (HermesSubscriber subscriber = users.subscriber().start(delivery -> {})) {
        users.awaitSpans("process", 1);
      }
      SpanData send = users.awaitSpans("send", 1).get(0);
      assertThat(send.getKind()).isEqualTo(SpanKind.CLIENT);
      assertThat(send.getTraceId()).isNotEqualTo(traceId);
      assertThat(send.getLinks())
          .extracting(link -> link.getSpanContext().getTraceId())
          .containsExactly(traceId);
      SpanData process = users.spans("process").get(0);
      assertThat(process.getTraceId()).isEqualTo(traceId);
      assertThat(process.getParentSpanId()).isEqualTo("b7ad6b7169203331");
      assertThat(users.read(users.topic().name()).get(0).headers().headers("traceparent"))
          .extracting(Header::value)
          .containsExactly(own);
    }
  }

  @Test
  void eachEventOfABulkHasASpanAndOneTraceContextOfItsOwn() throws Exception {
    try (Users users = new Users(kafka, 1);
        HermesPublisher<UserEvent> publisher = users.publisher()) {
      List<UserEvent> events = IntStream.range(0, 5).mapToObj(Users::event).toList();
      Span caller = users.inSpan(() -> publisher.publishAll(events).join());
      List<SpanData> sends = users.awaitSpans("send", 5);
      assertThat(sends)
          .allMatch(send -> send.getParentSpanContext().equals(caller.getSpanContext()));
      List<ConsumerRecord<byte[], byte[]>> records = users.read(users.topic().name());
      assertThat(records)
          .hasSize(5)
          .allSatisfy(record -> assertThat(record.headers().headers("traceparent")).hasSize(1))
          .extracting(
              record ->
                  new String(record.headers().lastHeader("traceparent").value(), UTF_8)
                      .substring(36, 52))
          .containsExactlyInAnyOrderElementsOf(sends.stream().map(SpanData::getSpanId).toList());
    }
  }

  @Test
  void aTombstoneSaysSoAndARejectedEventSaysWhy() throws Exception {
    try (Users users = new Users(kafka, 1);
        HermesPublisher<UserEvent> publisher = users.publisher()) {
      publisher.publishTombstone("secret-user").join();
      UserEvent withoutKey = Users.event(1).toBuilder().clearUserId().build();
      publisher.publish(withoutKey).exceptionally(rejected -> null).join();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .on(users.topic(), delivery -> {})
              .onTombstone(users.topic(), delivery -> {})
              .start()) {
        users.awaitSpans("process", 1);
      }
      SpanData tombstone = users.awaitSpans("send", 2).get(0);
      assertAttributes(
          tombstone,
          sent(users, tombstone, 0)
              .put(booleanKey("messaging.kafka.message.tombstone"), true)
              .build());
      SpanData rejected = users.spans("send").get(1);
      assertThat(rejected.getStatus()).isEqualTo(StatusData.error());
      assertAttributes(
          rejected,
          common(users, "send", clientId(rejected, "hermes-publisher-"))
              .put(stringKey("hermes.outcome"), "rejected")
              .put(stringKey("error.type"), "io.hermes.ContractException")
              .build());
      SpanData process = users.spans("process").get(0);
      assertAttributes(
          process,
          processed(users, process, 1, "handled")
              .put(longKey("messaging.kafka.offset"), 0L)
              .put(booleanKey("messaging.kafka.message.tombstone"), true)
              .build());
      assertNoContent(users);
    }
  }

  @Test
  void anAttemptWhosePartitionIsGivenUpIsNoError() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    try (Users users = new Users(kafka, 1)) {
      users.publishInTraces(1);
      HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    inside.countDown();
                    Thread.sleep(60_000);
                  });
      inside.await();
      subscriber.close(Duration.ofMillis(200));
      SpanData process = users.awaitSpans("process", 1).get(0);
      assertThat(process.getStatus()).isEqualTo(StatusData.unset());
      assertAttributes(
          process,
          processed(users, process, 1, "given_up")
              .put(longKey("messaging.kafka.offset"), 0L)
              .build());
    }
  }
}
