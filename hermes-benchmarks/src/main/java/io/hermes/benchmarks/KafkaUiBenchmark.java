package io.hermes.benchmarks;

import io.hermes.kafkaui.HermesSerde;
import io.kafbat.ui.serde.api.PropertyResolver;
import io.kafbat.ui.serde.api.RecordHeader;
import io.kafbat.ui.serde.api.RecordHeaders;
import io.kafbat.ui.serde.api.Serde;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures how many events per second the kafka-ui plugin shows in one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KafkaUiBenchmark {

  private final HermesSerde serde = new HermesSerde();
  private final RecordHeaders headers =
      new Headers(
          List.of(
              new Header("event-type", "USER_LOGIN"),
              new Header("message-type", "hermes.events.v1.UserEvent")));
  private final byte[] value = Corpus.event(1, 0).toByteArray();
  private Serde.Deserializer deserializer = (unset, bytes) -> null;

  @Setup
  public void configure() {
    serde.configure(new Defaults(), new Defaults(), new Defaults());
    deserializer = serde.deserializer("user.events", Serde.Target.VALUE);
  }

  @TearDown
  public void close() {
    serde.close();
  }

  @Benchmark
  public String show() {
    return deserializer.deserialize(headers, value).getResult();
  }

  /** Runs the benchmark; arguments are JMH's own. */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(args))
                .include(KafkaUiBenchmark.class.getSimpleName())
                .build())
        .run();
  }

  private record Header(String key, String text) implements RecordHeader {
    @Override
    public byte[] value() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private record Headers(List<RecordHeader> all) implements RecordHeaders {
    @Override
    public Iterator<RecordHeader> iterator() {
      return all.iterator();
    }
  }

  /** A resolver without any configured property. */
  private static final class Defaults implements PropertyResolver {

    @Override
    public <T> Optional<T> getProperty(String key, Class<T> type) {
      return Optional.empty();
    }

    @Override
    public <T> Optional<List<T>> getListProperty(String key, Class<T> type) {
      return Optional.empty();
    }

    @Override
    public <K, V> Optional<Map<K, V>> getMapProperty(String key, Class<K> keys, Class<V> values) {
      return Optional.empty();
    }
  }
}
