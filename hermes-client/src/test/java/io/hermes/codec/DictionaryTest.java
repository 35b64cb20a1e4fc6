package io.hermes.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Encoding;
import io.hermes.SettingsException;
import io.hermes.UndecodableEventException;
import io.hermes.events.v1.UserEvent;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DictionaryTest {

  private static final ZstdDictionary OLD = ZstdDictionary.train(samples(0, 600), 4 << 10, 40_000);
  private static final ZstdDictionary NEW =
      ZstdDictionary.train(samples(600, 1_600), 16 << 10, 40_001);
  private static final UserEvent EVENT = Events.small(99_000);

  private final Path directory;

  DictionaryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static List<byte[]> samples(int from, int to) {
    List<byte[]> samples = new ArrayList<>();
    for (int seed = from; seed < to; seed++) {
      samples.add(Events.small(seed).toByteArray());
    }
    return samples;
  }

  @Test
  void aDictionaryOf16KiBMakesSingleEventsTwoAndAThirdTimesSmaller() {
    long plain = 0;
    long framed = 0;
    try (var serializer = serializer(NEW)) {
      for (int seed = 50_000; seed < 50_500; seed++) { // none of which it has seen
        plain += Events.small(seed).getSerializedSize();
        framed += Frames.write(serializer, Events.small(seed)).length;
      }
    }
    assertThat((double) plain / framed).isGreaterThan(2.3);
  }

  @Test
  void theNewestWritesAndAllRead() {
    try (var before = serializer(OLD);
        var after = serializer(NEW, OLD);
        var reader = deserializer(OLD, NEW)) {
      for (int i = 0; i < 5; i++) {
        byte[] old = Frames.write(before, EVENT);
        byte[] current = Frames.write(after, EVENT);
        assertThat(idOf(old)).isEqualTo(40_000);
        assertThat(idOf(current)).isEqualTo(40_001);
        assertThat(reader.deserialize("t", Frames.zstd(), old)).isEqualTo(EVENT);
        assertThat(reader.deserialize("t", Frames.zstd(), current)).isEqualTo(EVENT);
      }
      UserEvent large = Events.large(1, 300_000);
      byte[] piecewise = Frames.write(after, large);
      assertThat(idOf(piecewise)).isEqualTo(40_001);
      assertThat(reader.deserialize("t", Frames.zstd(), piecewise)).isEqualTo(large);
      byte[] none = Frames.sized(EVENT.toByteArray());
      assertThat(reader.deserialize("t", Frames.zstd(), none)).isEqualTo(EVENT);
    }
  }

  @Test
  void anUnknownDictionaryIsNamedWithTheKnownOnes() {
    byte[] frame;
    try (var serializer = serializer(NEW)) {
      frame = Frames.write(serializer, EVENT);
    }
    try (var none = deserializer();
        var old = deserializer(OLD)) {
      assertThatThrownBy(() -> none.deserialize("t", Frames.zstd(), frame))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("40001")
          .hasMessageContaining("no dictionaries");
      assertThatThrownBy(() -> old.deserialize("t", Frames.zstd(), frame))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("40001")
          .hasMessageContaining("[40000]");
    }
  }

  @Test
  void otherBytesUnderTheSameIdAreNoticed() {
    ZstdDictionary other = withId(OLD, 40_001);
    byte[] frame;
    try (var serializer = serializer(NEW)) {
      frame = Frames.write(serializer, EVENT);
    }
    try (var wrong = deserializer(other);
        var right = deserializer(NEW)) {
      assertThatThrownBy(() -> wrong.deserialize("t", Frames.zstd(), frame))
          .isInstanceOf(UndecodableEventException.class)
          .hasMessageContaining("corrupt");
      assertThat(right.deserialize("t", Frames.zstd(), frame)).isEqualTo(EVENT);
    }
    assertThatThrownBy(() -> ZstdOptions.builder().dictionaries(List.of(NEW, other)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("40001");
    ZstdDictionary same = ZstdDictionary.of(NEW.toBytes());
    assertThat(ZstdOptions.builder().dictionaries(List.of(NEW, same)).build().dictionaries())
        .hasSize(1);
  }

  @Test
  void onlyTrainedDictionariesWithPrivateIdsAreTaken() {
    assertThatThrownBy(() -> ZstdDictionary.of("these words are raw content".getBytes(UTF_8)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("is not a trained dictionary");
    assertThatThrownBy(() -> ZstdDictionary.of(new byte[0])).isInstanceOf(SettingsException.class);
    for (int id : new int[] {1, 32_767, -1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> withId(NEW, id))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(Integer.toUnsignedString(id));
    }
    assertThat(withId(NEW, 32_768).id()).isEqualTo(32_768);
    assertThat(withId(NEW, Integer.MAX_VALUE).id()).isEqualTo(Integer.MAX_VALUE);
    byte[] damaged = NEW.toBytes();
    Arrays.fill(damaged, 8, 100, (byte) 0);
    assertThatThrownBy(() -> ZstdDictionary.of(damaged))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("corrupt");
  }

  @Test
  void tooFewSamplesAreRefusedWithWhatToDo() {
    for (List<byte[]> few : List.of(samples(0, 0), samples(0, 1), samples(0, 5))) {
      assertThatThrownBy(() -> ZstdDictionary.train(few, 16 << 10, 40_000))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(few.size() + " samples");
    }
    assertThatThrownBy(() -> ZstdDictionary.train(samples(0, 100), 4_096, 7))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("id 7");
  }

  @Test
  void aDirectoryAFileAndAJarAreSources() throws IOException {
    Files.write(directory.resolve("old.zdict"), OLD.toBytes());
    Files.write(directory.resolve("new.zdict"), NEW.toBytes());
    Files.createDirectory(directory.resolve("..data"));
    Files.write(directory.resolve(".hidden"), new byte[3]);
    assertThat(ZstdDictionary.load(directory))
        .extracting(ZstdDictionary::id)
        .containsExactlyInAnyOrder(40_000, 40_001);
    assertThat(ZstdDictionary.load(directory.resolve("old.zdict")).get(0).toBytes())
        .isEqualTo(OLD.toBytes());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader jar = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(jar);
      assertThat(ZstdDictionary.resource("new.zdict").id()).isEqualTo(40_001);
      assertThatThrownBy(() -> ZstdDictionary.resource("newest.zdict"))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("newest.zdict");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void aSourceWithoutAUsableDictionaryIsNamed() throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> ZstdDictionary.load(directory))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(directory + " contains no ZSTD dictionary");
    assertThatThrownBy(() -> ZstdDictionary.load(missing))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(missing.toString());
    Files.write(directory.resolve("notes.txt"), new byte[100]);
    assertThatThrownBy(() -> ZstdDictionary.load(directory))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("notes.txt");
  }

  private static ZstdDictionary withId(ZstdDictionary dictionary, int id) {
    byte[] bytes = dictionary.toBytes();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4, id);
    return ZstdDictionary.of(bytes);
  }

  private static int idOf(byte[] frame) {
    return ZstdFrame.of(ByteBuffer.wrap(frame)).dictionaryId();
  }

  private static ZstdProtobufSerializer<UserEvent> serializer(ZstdDictionary... dictionaries) {
    return new ZstdProtobufSerializer<>(
        Encoding.ZSTD, ZstdOptions.builder().dictionaries(List.of(dictionaries)).build());
  }

  private static ZstdProtobufDeserializer<UserEvent> deserializer(ZstdDictionary... dictionaries) {
    return new ZstdProtobufDeserializer<>(
        UserEvent.parser(), ZstdOptions.builder().dictionaries(List.of(dictionaries)).build());
  }
}
