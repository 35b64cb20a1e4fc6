package io.hermes.read;

import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The configuration that a reader was opened with. Immutable.
 *
 * @param contracts the contracts of its types, with full topic names; their topics are read unless
 *     there is a pattern
 * @param pattern the topics to read instead, as a pattern for full names
 * @param settings where Kafka is; without a topic prefix, since the names include it
 * @param from where reading starts in each partition
 * @param toEnd whether it stops where the partitions ended when it was opened
 * @param to the time before which it stops in each partition; empty for no limit
 * @param zstd the size limit of events, and the dictionaries
 */
public record ReaderConfig(
    List<Topic<?>> contracts,
    Optional<Pattern> pattern,
    KafkaSettings settings,
    StartAt from,
    boolean toEnd,
    Optional<Instant> to,
    ZstdOptions zstd) {

  /** Copies the list. */
  public ReaderConfig {
    contracts = List.copyOf(contracts);
  }
}
