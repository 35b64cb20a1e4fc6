package io.hermes.kafkaui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictTrainer;
import io.kafbat.ui.serde.api.DeserializeResult;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DictionariesTest {

  private static final byte[] DICTIONARY = train();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path dir;

  @Test
  void theTrainerGivesAnIdOfThePrivateRange() {
    assertThat(Zstd.getDictIdFromDict(DICTIONARY)).isBetween(32768L, (long) Integer.MAX_VALUE);
  }

  @Test
  void framesOfEachDictionaryAndOfNoneAreShown() throws Exception {
    byte[] second = withId(DICTIONARY, 40_000);
    Files.write(dir.resolve("first.dict"), DICTIONARY);
    Files.write(dir.resolve("second.dict"), second);
    Files.createDirectory(dir.resolve("..data"));
    HermesSerde serde = Records.serde(Map.of("dictionariesDir", dir.toString()));

    for (int i = 0; i < 3; i++) {
      assertShown(
          serde,
          compress(DICTIONARY),
          "zstd with dictionary " + Zstd.getDictIdFromDict(DICTIONARY));
      assertShown(serde, compress(second), "zstd with dictionary 40000");
      assertShown(serde, Zstd.compress(Records.userEvent().toByteArray()), "zstd");
    }
    serde.close();
  }

  @Test
  void aMissingDictionaryIsNamed() throws Exception {
    Files.write(dir.resolve("other.dict"), withId(DICTIONARY, 40_000));
    HermesSerde serde = Records.serde(Map.of("dictionariesDir", dir.toString()));

    DeserializeResult result = decode(serde, compress(withId(DICTIONARY, 50_000)));

    assertThat(result.getResult())
        .contains(
            "needs ZSTD dictionary 50000, but this reader has only [40000]. Add it to dictionariesDir.");
    serde.close();
  }

  @Test
  void filesThatAreNoDictionaryAreRefusedByName() throws Exception {
    Path text = Files.writeString(dir.resolve("notes.txt"), "not a dictionary, but some text");
    assertRefused(text.getFileName() + " is not a trained dictionary");
    Files.delete(text);

    Files.write(dir.resolve("low.dict"), withId(DICTIONARY, 5));
    assertRefused("low.dict has the id 5; it must be 32768 to 2147483647");
    Files.delete(dir.resolve("low.dict"));

    Files.write(dir.resolve("a.dict"), DICTIONARY);
    byte[] other = DICTIONARY.clone();
    other[other.length - 1]++;
    Files.write(dir.resolve("b.dict"), other);
    assertRefused("Two different ZSTD dictionaries have id");
  }

  @Test
  void aMissingDirectoryIsNamed() {
    assertThatThrownBy(() -> Records.serde(Map.of("dictionariesDir", "/no/such/dir")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dictionariesDir: There is no ZSTD dictionary")
        .hasMessageContaining("dir");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Records.serde(Map.of("dictionariesDir", dir.toString())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static void assertShown(HermesSerde serde, byte[] frame, String encoding) {
    DeserializeResult result = decode(serde, frame);
    assertThat(result.getResult()).contains("\"userId\":\"user-123\"");
    assertThat(result.getAdditionalProperties()).containsEntry("encoding", encoding);
  }

  private static DeserializeResult decode(HermesSerde serde, byte[] frame) {
    return Records.value(serde, "user.events", Records.headers("content-encoding", "zstd"), frame);
  }

  private static byte[] compress(byte[] dictionary) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setChecksum(true).loadDict(dictionary);
      return context.compress(Records.userEvent().toByteArray());
    }
  }

  static byte[] train() {
    ZstdDictTrainer trainer = new ZstdDictTrainer(1 << 20, 4 << 10);
    for (int i = 0; i < 2_000; i++) {
      String email = "user-" + i + "@example.com";
      trainer.addSample(
          Records.userEvent().toBuilder()
              .setEventId("e-" + i)
              .setUserId("user-" + i % 97)
              .setData(Records.userEvent().getData().toBuilder().setEmail(email))
              .build()
              .toString()
              .getBytes(StandardCharsets.UTF_8));
    }
    return trainer.trainSamples();
  }

  private static byte[] withId(byte[] dictionary, int id) {
    byte[] copy = dictionary.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(4, id);
    return copy;
  }
}
