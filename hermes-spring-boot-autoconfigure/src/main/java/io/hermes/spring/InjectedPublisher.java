package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.Topic;
import io.hermes.publish.BulkResult;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.PublisherConfig;
import io.hermes.publish.PublisherHealth;
import io.hermes.publish.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The injected object: the application's publisher of a cluster, as a publisher of one type. The
 * container closes the shared publisher, so {@code close} here does nothing. Thread-safe.
 *
 * @param <M> the events' type
 */
final class InjectedPublisher<M extends Message> implements HermesPublisher<M> {

  private final Supplier<ConnectingPublisher> shared;
  private final @Nullable Topic<M> only;

  /**
   * Creates one for a publisher that exists once the application has started.
   *
   * @param only its topic; null for a publisher of any type
   */
  InjectedPublisher(Supplier<ConnectingPublisher> shared, @Nullable Topic<M> only) {
    this.shared = shared;
    this.only = only;
  }

  @Override
  public CompletableFuture<Receipt> publish(M event, Iterable<Header> headers) {
    return shared.get().publish(Objects.requireNonNull(event, "event"), headers);
  }

  @Override
  public CompletableFuture<Receipt> tryPublish(M event) {
    return shared.get().tryPublish(Objects.requireNonNull(event, "event"));
  }

  @Override
  @SuppressWarnings("unchecked") // the source contains only events of this type
  public CompletableFuture<BulkResult> publishAll(
      Iterator<? extends M> events, Function<? super M, ? extends Iterable<Header>> headers) {
    return shared
        .get()
        .publishAll(events, (Function<? super Message, ? extends Iterable<Header>>) headers);
  }

  @Override
  public Receipt publishAndWait(M event, Duration timeout) {
    return shared.get().publishAndWait(Objects.requireNonNull(event, "event"), timeout);
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String key) {
    return only == null
        ? shared.get().publishTombstone(key)
        : publishTombstone(only.messageType(), key.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String type, byte[] key) {
    return shared.get().publishTombstone(type, key);
  }

  @Override
  public void flush(Duration timeout) {
    shared.get().flush(timeout);
  }

  @Override
  public PublisherHealth health() {
    return shared.get().health();
  }

  @Override
  public PublisherConfig config() {
    return shared.get().config();
  }

  @Override
  public void close(Duration timeout) {}

  @Override
  public String toString() {
    return "HermesPublisher[" + (only == null ? "any type" : only) + "]";
  }
}
