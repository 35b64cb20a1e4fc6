package io.hermes.kafka;

import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens a client even if some of the bootstrap brokers accept connections but never respond.
 *
 * <p>Kafka's clients pick one of the bootstrap addresses at random and wait for its response for
 * the whole {@code request.timeout.ms}, which is longer than the open timeout. So if a client with
 * all addresses gets no response within a second, or a quarter of the open timeout if that is
 * shorter, one client for each address is tried as well, in parallel. The first one that succeeds
 * is used.
 *
 * @param <T> what is opened
 */
public final class Bootstrap<T> {

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Function<String, T> attempt;
  private final Consumer<T> closer;
  private final CompletableFuture<T> first = new CompletableFuture<>();
  private final AtomicInteger unfinished;

  private Bootstrap(int attempts, Function<String, T> attempt, Consumer<T> closer) {
    this.unfinished = new AtomicInteger(attempts);
    this.attempt = attempt;
    this.closer = closer;
  }

  /**
   * Opens a client.
   *
   * @param settings the settings with the bootstrap addresses
   * @param attempt opens a client with the given bootstrap servers, within its own timeout; runs on
   *     new threads if there are several addresses
   * @param closer closes a client that was opened too late to be used
   * @param <T> what is opened
   * @return the first client that was opened
   * @throws HermesException the exception of an attempt; a {@link BrokerUnavailableException} only
   *     if every attempt failed with one
   */
  public static <T> T open(
      KafkaSettings settings, Function<String, T> attempt, Consumer<T> closer) {
    String all = settings.bootstrapServers();
    List<String> addresses = List.of(all.split(","));
    if (addresses.size() == 1) {
      return attempt.apply(all);
    }
    Bootstrap<T> race = new Bootstrap<>(1 + addresses.size(), attempt, closer);
    race.start(all);
    long quarterMs = Timeouts.nanos(settings.openTimeout()) / 4_000_000;
    T opened = race.await(Math.min(PATIENCE.toMillis(), quarterMs));
    if (opened != null) {
      return opened;
    }
    addresses.forEach(race::start);
    opened = race.await(Long.MAX_VALUE);
    if (opened == null) {
      throw new IllegalStateException("No attempt to open a client has ended.");
    }
    return opened;
  }

  private void start(String addresses) {
    Thread thread = new Thread(() -> run(addresses), "hermes-open-" + addresses);
    thread.setDaemon(true);
    thread.start();
  }

  private void run(String addresses) {
    if (first.isDone()) {
      return;
    }
    try {
      T opened = attempt.apply(addresses);
      if (!first.complete(opened)) {
        closer.accept(opened);
      }
    } catch (BrokerUnavailableException e) {
      if (unfinished.decrementAndGet() == 0) {
        first.completeExceptionally(e);
      }
    } catch (Throwable e) {
      first.completeExceptionally(
          e); // a broker has responded, and others would respond the same way
    }
  }

  /** The client; null if none was opened in time. */
  private @Nullable T await(long timeoutMs) {
    try {
      return first.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      if (!first.completeExceptionally(e)) {
        var unused = first.thenAccept(closer);
      }
      Thread.currentThread().interrupt();
      throw new HermesException("Interrupted while waiting for a Kafka broker.", e, true);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    }
  }
}
