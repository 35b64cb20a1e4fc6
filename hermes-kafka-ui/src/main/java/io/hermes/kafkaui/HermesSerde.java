package io.hermes.kafkaui;

import com.google.protobuf.Descriptors.Descriptor;
import io.hermes.codec.Decompressors;
import io.kafbat.ui.serde.api.PropertyResolver;
import io.kafbat.ui.serde.api.SchemaDescription;
import io.kafbat.ui.serde.api.Serde;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows events in kafka-ui, plain or compressed, of every type in the descriptor sets, and creates
 * events from entered JSON. kafka-ui creates it with the no-argument constructor and configures it
 * once; then many threads use it.
 *
 * <p>Properties, all optional: {@code descriptorSets} (files of other schemas, searched before the
 * bundled one), {@code topicPrefixes} (of environments on the cluster), {@code dictionariesDir},
 * {@code revealRedacted}, {@code maxDecodedBytes}, {@code maxJsonChars}.
 */
public final class HermesSerde implements Serde {

  private volatile @Nullable State state;

  /** For kafka-ui. */
  public HermesSerde() {}

  @Override
  public void configure(PropertyResolver serde, PropertyResolver cluster, PropertyResolver global) {
    Settings settings = Settings.of(serde, cluster);
    Decompressors frames = new Decompressors(settings.zstd());
    state =
        new State(
            new ValueDecoder(settings, frames),
            new RecordWriter(settings.schemas()),
            frames,
            settings);
  }

  @Override
  public Optional<String> getDescription() {
    return Optional.of(
        "Hermes events: protobuf, plain or ZSTD, by topic contract and message-type header");
  }

  @Override
  public Optional<SchemaDescription> getSchema(String topic, Target target) {
    List<Descriptor> events = configured().events(topic);
    // Not for keys: kafka-ui would generate a key that does not match the event.
    return target == Target.KEY || events.isEmpty()
        ? Optional.empty()
        : Optional.of(new SchemaDescription(JsonSchema.of(events), Map.of()));
  }

  /**
   * Accepts topics that a contract names, and their dead-letter topics; kafka-ui passes all others
   * to the next serde.
   */
  @Override
  public boolean canDeserialize(String topic, Target target) {
    return !configured().events(topic).isEmpty();
  }

  /**
   * Accepts the same topics, so that kafka-ui preselects this serde rather than String, which would
   * write the entered JSON unchanged.
   */
  @Override
  public boolean canSerialize(String topic, Target target) {
    return canDeserialize(topic, target);
  }

  @Override
  public Serializer serializer(String topic, Target target) {
    State configured = configured();
    return configured.writer.serializer(
        configured.settings.inContract(topic), target, configured.events(topic));
  }

  @Override
  public Deserializer deserializer(String topic, Target target) {
    State configured = configured();
    List<Descriptor> events = configured.events(topic);
    return target == Target.KEY
        ? (headers, key) -> KeyDecoder.decode(events, configured.settings.reveal(), key)
        : (headers, value) -> configured.values.decode(events, headers, value);
  }

  @Override
  public void close() {
    State configured = state;
    if (configured != null) {
      configured.frames.close();
    }
  }

  private State configured() {
    State configured = state;
    if (configured == null) {
      throw new IllegalStateException("kafka-ui has not called configure.");
    }
    return configured;
  }

  private record State(
      ValueDecoder values, RecordWriter writer, Decompressors frames, Settings settings) {

    List<Descriptor> events(String topic) {
      return values.events(settings.inContract(topic));
    }
  }
}
