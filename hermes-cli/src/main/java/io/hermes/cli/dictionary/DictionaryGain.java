package io.hermes.cli.dictionary;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.Encoding;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufSerializer;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The size of values that are compressed individually, as a publisher writes them.
 *
 * @param plain bytes without compression
 * @param zstd bytes with the encoding ZSTD, which leaves values plain if compression does not make
 *     them smaller
 * @param dictionary bytes with the encoding ZSTD and the dictionary
 */
record DictionaryGain(long plain, long zstd, long dictionary) {

  /** Measures with values that the dictionary has not seen. */
  static DictionaryGain of(List<byte[]> values, ZstdDictionary dictionary, int level) {
    ZstdOptions without = ZstdOptions.builder().level(level).build();
    ZstdOptions with = ZstdOptions.builder().level(level).dictionaries(List.of(dictionary)).build();
    return new DictionaryGain(
        values.stream().mapToLong(value -> value.length).sum(),
        written(values, without),
        written(values, with));
  }

  private static long written(List<byte[]> values, ZstdOptions options) {
    long bytes = 0;
    try (var serializer = new ZstdProtobufSerializer<Empty>(Encoding.ZSTD, options)) {
      for (byte[] value : values) {
        // Parsed as an empty message, every field is an unknown field, and is written back
        // unchanged.
        var headers = new ProducerRecord<byte[], byte[]>("measured", value).headers();
        byte[] written = serializer.serialize("measured", headers, Empty.parseFrom(value));
        bytes += written == null ? 0 : written.length;
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e); // samples were parsed before
    }
    return bytes;
  }
}
