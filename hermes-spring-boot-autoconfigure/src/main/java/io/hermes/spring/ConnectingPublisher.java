package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.publish.BulkResult;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.PublisherConfig;
import io.hermes.publish.PublisherHealth;
import io.hermes.publish.Receipt;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A publisher that connects in the background. Publishing waits for the first attempt to end; after
 * that, events are rejected as retryable until it is connected. Thread-safe.
 */
final class ConnectingPublisher implements HermesPublisher<Message> {

  /** Whether it accepts events. Its faults report whether brokers respond. */
  enum State {
    /** Not connected yet. */
    CONNECTING,
    /** Accepts events. */
    OPEN,
    /** No longer accepts events. */
    CLOSED
  }

  private final HermesPublisher.Builder<Message> builder;
  private final PublisherConfig config;
  private final Attempts attempts;
  private volatile @Nullable HermesPublisher<Message> connected; // under this, set once
  private volatile boolean closed; // under this

  /**
   * Creates the publisher without connecting.
   *
   * @param owner for log lines
   * @param builder opens the publisher
   */
  ConnectingPublisher(String owner, HermesPublisher.Builder<Message> builder) {
    this.builder = builder;
    this.config = builder.config();
    this.attempts = new Attempts(owner, this::connect);
  }

  void begin() {
    attempts.begin();
  }

  private void connect() {
    HermesPublisher<Message> opened = builder.open();
    boolean late;
    synchronized (this) {
      late = closed;
      if (!late) {
        connected = opened;
      }
    }
    if (late) {
      opened.close(Duration.ZERO);
    }
  }

  /**
   * Returns the publisher once it is connected; null if it is not connected after the first
   * attempt.
   */
  private @Nullable HermesPublisher<Message> awaitConnected(Duration longest) {
    HermesPublisher<Message> now = connected;
    if (now == null && !closed) {
      attempts.awaitFirst(longest);
      now = connected;
    }
    return now;
  }

  private Duration longestWait() {
    Duration open = config.settings().openTimeout().plusSeconds(1);
    return open.compareTo(config.maxWait()) < 0 ? open : config.maxWait();
  }

  private PublishRejectedException rejection(String type) {
    String topic =
        config.topics().stream()
            .filter(served -> served.messageType().equals(type))
            .<String>map(Topic::name)
            .findFirst()
            .orElse("");
    HermesException failure = attempts.failure();
    String problem =
        (topic.isEmpty() ? "Not written. " : "Not written to " + topic + ". ")
            + (closed
                ? "The publisher is closed."
                : "The publisher is not connected"
                    + (failure == null ? " yet." : ": " + SpringWords.of(failure.problem())));
    String advice =
        failure == null
            ? "Try again later."
            : failure.advice().map(text -> SpringWords.of(text) + " ").orElse("")
                + "Try again later.";
    return new PublishRejectedException(problem, closed ? null : advice, failure, !closed, topic);
  }

  private PublishRejectedException rejection(Message event) {
    return rejection(event.getDescriptorForType().getFullName());
  }

  @Override
  public CompletableFuture<Receipt> publish(Message event, Iterable<Header> headers) {
    HermesPublisher<Message> publisher = awaitConnected(longestWait());
    return publisher == null
        ? CompletableFuture.failedFuture(rejection(event))
        : publisher.publish(event, headers);
  }

  @Override
  public CompletableFuture<Receipt> tryPublish(Message event) {
    HermesPublisher<Message> publisher = connected;
    return publisher == null
        ? CompletableFuture.failedFuture(rejection(event))
        : publisher.tryPublish(event);
  }

  @Override
  public CompletableFuture<BulkResult> publishAll(
      Iterator<? extends Message> events,
      Function<? super Message, ? extends Iterable<Header>> headers) {
    HermesPublisher<Message> publisher = awaitConnected(longestWait());
    return publisher == null
        ? CompletableFuture.completedFuture(
            new BulkResult(0, 0, List.of(), Optional.of(rejection(""))))
        : publisher.publishAll(events, headers);
  }

  @Override
  public Receipt publishAndWait(Message event, Duration timeout) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    Duration longest = longestWait();
    HermesPublisher<Message> publisher =
        awaitConnected(timeout.compareTo(longest) < 0 ? timeout : longest);
    if (publisher == null) {
      throw rejection(event);
    }
    return publisher.publishAndWait(event, Duration.ofNanos(deadlineNs - System.nanoTime()));
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String key) {
    HermesPublisher<Message> publisher = awaitConnected(longestWait());
    return publisher == null
        ? CompletableFuture.failedFuture(rejection(""))
        : publisher.publishTombstone(key);
  }

  @Override
  public CompletableFuture<Receipt> publishTombstone(String type, byte[] key) {
    HermesPublisher<Message> publisher = awaitConnected(longestWait());
    return publisher == null
        ? CompletableFuture.failedFuture(rejection(type))
        : publisher.publishTombstone(type, key);
  }

  @Override
  public void flush(Duration timeout) {
    HermesPublisher<Message> publisher = connected;
    if (publisher != null) {
      publisher.flush(timeout);
    }
  }

  @Override
  public PublisherHealth health() {
    HermesPublisher<Message> publisher = connected;
    return publisher != null
        ? publisher.health()
        : new PublisherHealth(
            closed ? PublisherHealth.State.CLOSED : PublisherHealth.State.OPEN,
            closed ? List.of() : attempts.faults(),
            Duration.ZERO,
            0,
            0,
            0,
            Optional.empty());
  }

  /** Returns its state: open once it has connected, until it is closed. */
  State state() {
    if (closed) {
      return State.CLOSED;
    }
    return connected == null ? State.CONNECTING : State.OPEN;
  }

  @Override
  public PublisherConfig config() {
    return config;
  }

  @Override
  public void close(Duration timeout) {
    HermesPublisher<Message> publisher;
    synchronized (this) {
      closed = true;
      publisher = connected;
    }
    attempts.end();
    if (publisher != null) {
      publisher.close(timeout);
    }
  }

  @Override
  public String toString() {
    return "HermesPublisher" + config.topics();
  }
}
