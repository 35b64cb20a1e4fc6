package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.events.v1.UserEvent;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WriterRulesTest {

  @ParameterizedTest
  @EnumSource
  void aHeaderOfTheRecordThatThisOneIsMadeFromGoesFirst(Encoding encoding) {
    try (var serializer = serializer(encoding)) {
      for (Message event : new Message[] {null, Events.random(1, 99), Events.large(1, 99_000)}) {
        Headers headers = Frames.encodings("gzip", "zstd");
        headers.add("trace", new byte[1]);
        byte[] value = serializer.serialize("t", headers, event);
        boolean framed = encoding != Encoding.PLAIN && event instanceof UserEvent;
        assertThat(value != null && Encoding.isZstdFrame(ByteBuffer.wrap(value))).isEqualTo(framed);
        assertThat(headers.headers("content-encoding")).hasSize(framed ? 1 : 0);
        assertThat(EventHeaders.text(headers, "content-encoding"))
            .isEqualTo(framed ? "zstd" : null);
        assertThat(headers.lastHeader("trace")).isNotNull();
      }
    }
  }

  @Test
  void plainValuesLoseTheHeaderOfAnotherRecord() {
    var serializer = serializer(Encoding.PLAIN);
    Headers headers = Frames.zstd();
    assertThat(serializer.serialize("t", headers, Events.small(1)))
        .isEqualTo(Events.small(1).toByteArray());
    assertThat(headers).isEmpty();
    assertThat(serializer.serialize("t", Frames.zstd(), null)).isNull();
    assertThat(serializer.serialize("t", null)).isNull();
  }

  @Test
  void headersThatAreReadOnlyAreNoProblemWhereNothingChanges() {
    RecordHeaders headers = new RecordHeaders();
    headers.setReadOnly();
    try (var serializer = serializer(Encoding.AUTO)) {
      assertThat(serializer.serialize("t", headers, Events.small(1))).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 64 << 10, 200_000})
  void framesHaveContentSizeAndChecksum(int bytes) {
    UserEvent event = Events.large(1, bytes);
    byte[] frame = write(Encoding.ZSTD, Frames.none(), event);
    assertThat(ZstdFrame.of(ByteBuffer.wrap(frame)))
        .returns((long) event.getSerializedSize(), ZstdFrame::contentBytes)
        .returns(0, ZstdFrame::dictionaryId);
    assertThat(frame[4] & 0x04).as("checksum flag").isEqualTo(0x04);
    assertThat(frame.length).isLessThan(bytes / 2);
  }

  @Test
  void zstdIsWrittenOnlyWhereFrameAndHeaderAreSmallerThanThePlainValue() {
    int plain = 0;
    int framed = 0;
    for (int repeats = 0; repeats < 60; repeats++) {
      UserEvent event = UserEvent.newBuilder().setEventId("id" + "ab".repeat(repeats)).build();
      Headers headers = Frames.none();
      byte[] value = write(Encoding.ZSTD, headers, event);
      if (headers.lastHeader("content-encoding") == null) {
        assertThat(value).isEqualTo(event.toByteArray());
        assertThat(Frames.sized(value).length + 22).isGreaterThanOrEqualTo(value.length);
        plain++;
      } else {
        assertThat(value.length + 22).isLessThan(event.getSerializedSize());
        framed++;
      }
    }
    assertThat(plain).isGreaterThan(10);
    assertThat(framed).isGreaterThan(10);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 60_000, 70_000, 400_000})
  void whatDoesNotGetSmallerIsPlainAndTheNextEventIsCompressed(int bytes) {
    Message random = Events.random(1, bytes);
    UserEvent text = Events.large(1, bytes + 500);
    try (var serializer = serializer(Encoding.ZSTD)) {
      for (int i = 0; i < 3; i++) {
        Headers headers = Frames.none();
        assertThat(serializer.serialize("t", headers, random)).isEqualTo(random.toByteArray());
        assertThat(headers).isEmpty();
        serializer.serialize("t", headers, text);
        assertThat(headers).hasSize(1);
      }
    }
  }

  @Test
  void autoCompressesFromItsSizeAndWhereItSavesATenth() {
    assertThat(isFrame(Encoding.AUTO, Events.large(1, ValueWriter.AUTO_BYTES))).isTrue();
    assertThat(isFrame(Encoding.AUTO, Events.large(1, ValueWriter.AUTO_BYTES - 1_000))).isFalse();
    assertThat(isFrame(Encoding.ZSTD, Events.large(1, ValueWriter.AUTO_BYTES - 1_000))).isTrue();
    int bytes = 4 * ValueWriter.AUTO_BYTES;
    for (int percent : List.of(3, 8, 14, 30)) {
      Message event = Events.partlyRandom(1, bytes, percent);
      int saved = 100 - 100 * (Frames.sized(event.toByteArray()).length + 22) / bytes;
      assertThat(isFrame(Encoding.ZSTD, event)).isEqualTo(saved > 0);
      assertThat(isFrame(Encoding.AUTO, event)).isEqualTo(saved >= 10);
    }
  }

  @Test
  void withoutHeadersTheValueIsPlainAsNobodyCouldTell() {
    UserEvent event = Events.large(1, 100_000);
    try (var serializer = serializer(Encoding.ZSTD)) {
      assertThat(serializer.serialize("t", event)).isEqualTo(event.toByteArray());
    }
  }

  @Test
  void anEventOverTheLimitIsRefusedWithBothSizes() {
    UserEvent event = Events.small(1);
    int bytes = event.getSerializedSize();
    var exact = ZstdOptions.builder().maxEventBytes(bytes).build();
    var smaller = ZstdOptions.builder().maxEventBytes(bytes - 1).build();
    for (Encoding encoding : Encoding.values()) {
      try (var fits = new ZstdProtobufSerializer<UserEvent>(encoding, exact);
          var refuses = new ZstdProtobufSerializer<UserEvent>(encoding, smaller)) {
        assertThat(fits.serialize("t", Frames.none(), event)).isNotEmpty();
        assertThatThrownBy(() -> refuses.serialize("t", Frames.none(), event))
            .isInstanceOf(RecordTooLargeException.class)
            .hasMessageContaining("UserEvent takes " + bytes + " bytes")
            .hasMessageContaining("the limit is " + (bytes - 1));
      }
    }
  }

  private static boolean isFrame(Encoding encoding, Message event) {
    return Encoding.isZstdFrame(ByteBuffer.wrap(write(encoding, Frames.none(), event)));
  }

  private static byte[] write(Encoding encoding, Headers headers, Message event) {
    try (var serializer = serializer(encoding)) {
      return Frames.write(serializer, headers, event);
    }
  }

  private static ZstdProtobufSerializer<Message> serializer(Encoding encoding) {
    return new ZstdProtobufSerializer<>(encoding, ZstdOptions.defaults());
  }
}
