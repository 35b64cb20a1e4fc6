package io.hermes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.testing.Events;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventRecordTest {

  private static final byte[] FRAME = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0};

  @Test
  void aRecordForATestIsAsAPublisherWritesIt() {
    UserEvent event = Events.login("user-1", 1);
    EventRecord<UserEvent> record = EventRecord.of(Topic.of(UserEvent.class), event);
    assertThat(record.topic()).isEqualTo("user.events");
    assertThat(record.key()).isEqualTo("user-1");
    assertThat(record.eventType()).isEqualTo("USER_LOGIN");
    assertThat(record.messageType()).isEqualTo("hermes.events.v1.UserEvent");
    assertThat(record.rawValue()).isEqualTo(event.toByteArray());
    assertThat(record.event()).isEqualTo(event);
    assertThat(record.encoding()).isEqualTo(Encoding.PLAIN);
    assertThat(record.isTombstone()).isFalse();
  }

  @Test
  void decodesOnlyWhenAskedAndOnce() {
    AtomicInteger decoded = new AtomicInteger();
    EventRecord<UserEvent> record =
        EventRecord.of(
            raw(new byte[1]),
            (topic, value) -> {
              decoded.incrementAndGet();
              return UserEvent.getDefaultInstance();
            });
    assertThat(record.offset()).isEqualTo(7);
    assertThat(decoded).hasValue(0);
    assertThat(record.event()).isSameAs(record.event());
    assertThat(decoded).hasValue(1);
  }

  @Test
  void aTombstoneHasNoEvent() {
    EventRecord<UserEvent> record =
        EventRecord.of(raw(null), (topic, value) -> UserEvent.getDefaultInstance());
    assertThat(record.isTombstone()).isTrue();
    assertThat(record.encoding()).isEqualTo(Encoding.PLAIN);
    assertThatThrownBy(record::event)
        .isInstanceOf(UndecodableEventException.class)
        .hasMessage("t-3@7 is a tombstone: it has no event.");
    assertThat(record).hasToString("EventRecord[t-3@7, type=null, tombstone]");
  }

  @Test
  void whatAnyDeserializerRefusesIsUndecodableWithPositionAndReason() {
    EventRecord<UserEvent> record =
        EventRecord.of(
            raw(new byte[9]),
            (topic, value) -> {
              throw new SerializationException("the reason");
            });
    assertThatThrownBy(record::event)
        .isInstanceOf(UndecodableEventException.class)
        .hasMessage("t-3@7 cannot be decoded: the reason");
    assertThat(record).hasToString("EventRecord[t-3@7, type=null, 9 bytes]");
  }

  private static ConsumerRecord<byte[], byte[]> raw(byte @Nullable [] value) {
    return new ConsumerRecord<>("t", 3, 7, null, value);
  }

  @Test
  void aValueIsAFrameIfTheLastHeaderSaysSoAndItIsOne() {
    RecordHeaders headers = new RecordHeaders();
    assertThat(Encoding.of(headers, ByteBuffer.wrap(FRAME))).isEqualTo(Encoding.PLAIN);
    headers.add("content-encoding", "gzip".getBytes(UTF_8));
    headers.add("content-encoding", " ZSTD ".getBytes(UTF_8));
    assertThat(Encoding.of(headers, ByteBuffer.wrap(FRAME))).isEqualTo(Encoding.ZSTD);
    ByteBuffer within = ByteBuffer.allocate(9).put(4, FRAME).position(4);
    assertThat(Encoding.of(headers, within)).isEqualTo(Encoding.ZSTD);
    assertThat(within.position()).isEqualTo(4);
    assertThat(Encoding.of(headers, ByteBuffer.wrap(new byte[] {1, 2, 3, 4})))
        .isEqualTo(Encoding.PLAIN);
    assertThat(Encoding.of(headers, ByteBuffer.allocate(0))).isEqualTo(Encoding.PLAIN);
  }

  @Test
  void anUnknownEncodingIsNamedButNotAtAnyLength() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("content-encoding", ("br" + "x".repeat(1000)).getBytes(UTF_8));
    assertThatThrownBy(() -> Encoding.of(headers, ByteBuffer.wrap(FRAME)))
        .isInstanceOf(UndecodableEventException.class)
        .hasMessageStartingWith("Its content-encoding header is 'brxxx")
        .hasMessageEndingWith("...'; Hermes reads zstd and, without the header, plain values.")
        .satisfies(e -> assertThat(e.toString().length()).isLessThan(250));
  }

  @Test
  void startsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> StartAt.offset(-1))
        .hasMessage("The offset must be 0 or more, not -1.");
    assertThatThrownBy(() -> StartAt.last(0))
        .hasMessage("The number of last records must be 1 or more, not 0.");
  }
}
