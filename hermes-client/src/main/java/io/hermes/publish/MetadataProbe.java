package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a producer has no metadata for a topic. Kafka's producer reports the same timeout
 * for a missing topic and for an unreachable cluster. Callers that fail at the same time share one
 * query. Safe for any thread.
 */
final class MetadataProbe {

  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final KafkaSettings settings;

  // All guarded by this.
  private String lastTopic = "";
  private long lastNs = System.nanoTime() - TIMEOUT.toNanos();
  private @Nullable HermesException lastFinding;

  MetadataProbe(KafkaSettings settings) {
    this.settings = settings.toBuilder().openTimeout(TIMEOUT).build();
  }

  /** The brokers' addresses, for error messages. */
  String where() {
    return settings.bootstrapServers();
  }

  /** Returns what is wrong, within two seconds; null if the problem no longer exists. */
  synchronized @Nullable HermesException check(String topic) {
    if (!topic.equals(lastTopic) || System.nanoTime() - lastNs >= TIMEOUT.toNanos()) {
      lastFinding = find(topic);
      lastTopic = topic;
      lastNs = System.nanoTime();
    }
    return lastFinding;
  }

  /** The brokers' addresses, or what is wrong. Blocks. */
  CompletableFuture<List<String>> brokers() {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      List<String> addresses = topics.questions(TIMEOUT).brokers().join();
      return CompletableFuture.completedFuture(addresses);
    } catch (HermesException | CompletionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private @Nullable HermesException find(String topic) {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.partitions(topic);
      return null;
    } catch (HermesException e) {
      return e;
    }
  }
}
