package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Encoding;
import io.hermes.SettingsException;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The serdes as Kafka makes them: by class name, with the configuration of a client. */
class ConfigurationTest {

  private static final UserEvent LARGE = Events.large(1, 200_000);

  @Test
  void theEncodingIsTheContractsUnlessItIsSet() {
    String message = UserEvent.class.getName(); // whose contract says plain
    assertThat(isFrame(Map.of())).isTrue();
    assertThat(isFrame(Map.of("hermes.message.class", message))).isFalse();
    assertThat(isFrame(Map.of("hermes.message.class", message, "hermes.encoding", "AUTO")))
        .isTrue();
    assertThat(isFrame(Map.of("hermes.encoding", " plain "))).isFalse();
  }

  @Test
  void aSerdeTakesLevelLimitAndDictionaries(@TempDir Path directory) throws IOException {
    List<byte[]> samples = DictionaryTest.samples(0, 400);
    Path dictionary = directory.resolve("one.zdict");
    Files.write(dictionary, ZstdDictionary.train(samples, 4 << 10, 50_000).toBytes());
    Map<String, Object> configuration =
        Map.of(
            "hermes.message.class", UserEvent.class,
            "hermes.encoding", "ZSTD",
            "hermes.zstd.level", "19",
            "hermes.max.event.bytes", "300",
            "hermes.zstd.dictionaries", dictionary + ", " + directory);
    try (Serde<UserEvent> serde = new ZstdProtobufSerde<>()) {
      serde.configure(configuration, false);
      Headers headers = Frames.none();
      byte[] value = serde.serializer().serialize("t", headers, Events.small(999));
      assertThat(ZstdFrame.of(ByteBuffer.wrap(value)).dictionaryId()).isEqualTo(50_000);
      assertThat(serde.deserializer().deserialize("t", headers, value))
          .isEqualTo(Events.small(999));
      assertThatThrownBy(() -> serde.serializer().serialize("t", Frames.none(), LARGE))
          .isInstanceOf(RecordTooLargeException.class);
      assertThatThrownBy(() -> serde.deserializer().deserialize("t", LARGE.toByteArray()))
          .isInstanceOf(UndecodableEventException.class);
    }
  }

  @Test
  void serdesForKeysAreRefused() {
    try (Serde<UserEvent> serde = new ZstdProtobufSerde<>()) {
      assertThatThrownBy(
              () -> serde.configure(Map.of("hermes.message.class", UserEvent.class), true))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("StringSerializer");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hermes.message.class=",
        "hermes.message.class=java.lang.String",
        "hermes.message.class=com.google.protobuf.Message",
        "hermes.message.class=no.such.Message",
        "hermes.encoding=gzip",
        "hermes.zstd.level=0",
        "hermes.zstd.level=20",
        "hermes.max.event.bytes=0",
        "hermes.zstd.dictionaries=/no/such/file",
        "hermes.zstd.dictionaries=classpath:no/such/resource"
      })
  void aWrongValueIsRefusedByTheNameOfItsKeyOrSource(String setting) {
    String[] parts = setting.split("=", 2);
    Map<String, Object> configuration = new HashMap<>();
    configuration.put("hermes.message.class", UserEvent.class);
    configuration.put(parts[0], parts[1].isEmpty() ? null : parts[1]);
    try (Serde<UserEvent> serde = new ZstdProtobufSerde<>()) {
      assertThatThrownBy(() -> serde.configure(configuration, false))
          .isInstanceOfAny(SettingsException.class, ConfigException.class)
          .message()
          .containsAnyOf(parts[0], "no/such");
    }
  }

  @Test
  void whatIsNotConfiguredSaysSo() {
    try (Serde<UserEvent> serde = new ZstdProtobufSerde<>()) {
      assertThatThrownBy(() -> serde.serializer().serialize("t", LARGE))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> serde.deserializer().deserialize("t", new byte[1]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static boolean isFrame(Map<String, ?> configuration) {
    try (ZstdProtobufSerializer<UserEvent> serializer = new ZstdProtobufSerializer<>()) {
      serializer.configure(configuration, false);
      return Encoding.isZstdFrame(ByteBuffer.wrap(serializer.serialize("t", Frames.none(), LARGE)));
    }
  }
}
