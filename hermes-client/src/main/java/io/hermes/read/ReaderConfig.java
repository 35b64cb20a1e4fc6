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
 * How a reader was opened. Immutable.
 *
 * @param contracts the contracts of its types; their topics are read if there is no pattern
 * @param pattern the topics that are read instead
 * @param settings where Kafka is
 * @param from where reading starts in each partition
 * @param toEnd whether it ends where the partitions ended when it was opened
 * @param to the time before which it ends in each partition; empty if there is none
 * @param zstd the largest event, and dictionaries
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
