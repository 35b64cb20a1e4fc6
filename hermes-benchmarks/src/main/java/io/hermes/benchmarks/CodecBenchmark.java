package io.hermes.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.Encoding;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import io.hermes.codec.ZstdProtobufSerializer;
import io.hermes.events.v1.UserEvent;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Compares the codec with plain protobuf: nanoseconds and heap bytes per event, with 1 and 2
 * threads.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

  /** How the value is written: by protobuf alone, or by the codec in one of its encodings. */
  @Param({"protobuf", "plain", "zstd", "dictionary"})
  public String codec = "";

  /** The approximate size of the plain value, in bytes. */
  @Param({"280", "4096"})
  public int bytes;

  private UserEvent event = UserEvent.getDefaultInstance();
  private byte[] value = new byte[0];
  private Headers headers = new RecordHeaders();
  private @Nullable ZstdProtobufSerializer<UserEvent> serializer;
  private @Nullable ZstdProtobufDeserializer<UserEvent> deserializer;

  @Setup
  public void open() {
    event = Corpus.event(1_000_000, bytes);
    ZstdOptions.Builder options = ZstdOptions.builder();
    if (codec.equals("dictionary")) {
      List<byte[]> samples =
          IntStream.range(0, 1_000).mapToObj(i -> Corpus.event(i, bytes).toByteArray()).toList();
      options.dictionaries(List.of(ZstdDictionary.train(samples, 16 << 10, 40_000)));
    }
    boolean framed = codec.equals("zstd") || codec.equals("dictionary");
    serializer =
        new ZstdProtobufSerializer<>(framed ? Encoding.ZSTD : Encoding.PLAIN, options.build());
    deserializer = new ZstdProtobufDeserializer<>(UserEvent.parser(), options.build());
    value = Objects.requireNonNull(serializer.serialize("t", headers, event));
  }

  @TearDown
  public void close() {
    Objects.requireNonNull(serializer).close();
    Objects.requireNonNull(deserializer).close();
  }

  @Benchmark
  public @Nullable Object write() {
    // A copy, because a message caches its size.
    UserEvent fresh = event.toBuilder().setTimestamp(event.getTimestamp() + 1).build();
    return codec.equals("protobuf")
        ? fresh.toByteArray()
        : Objects.requireNonNull(serializer).serialize("t", new RecordHeaders(), fresh);
  }

  @Benchmark
  public @Nullable Object read() throws InvalidProtocolBufferException {
    return codec.equals("protobuf")
        ? UserEvent.parseFrom(value)
        : Objects.requireNonNull(deserializer).deserialize("t", headers, value);
  }

  /** Runs the benchmark with 1 and 2 threads; arguments are JMH's own. */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    for (int threads : new int[] {1, 2}) {
      System.out.println("Threads: " + threads);
      new Runner(
              new OptionsBuilder()
                  .parent(new CommandLineOptions(args))
                  .include(CodecBenchmark.class.getSimpleName())
                  .threads(threads)
                  .addProfiler(GCProfiler.class)
                  .build())
          .run();
    }
  }
}
