package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A future that the acknowledgement thread completes. Waiting for it on that thread would deadlock,
 * so it throws there instead.
 */
class GuardedFuture<T> extends CompletableFuture<T> {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final AcknowledgementThread acknowledgements;

  GuardedFuture(AcknowledgementThread acknowledgements) {
    this.acknowledgements = acknowledgements;
  }

  /**
   * Resumes after a completion that threw. If an exception's {@code toString} throws while the JDK
   * completes a continuation's own future, the JDK propagates that and skips the remaining
   * continuations. Completing again runs those.
   */
  final void resume(Throwable thrown) {
    @Nullable Throwable failure = thrown;
    int left = getNumberOfDependents();
    while (failure != null) {
      Throwable reason = failure;
      String owner = acknowledgements.owner();
      Thrown.log(
          owner,
          () ->
              LOG.error("{}: a continuation failed on the acknowledgement thread", owner, reason));
      failure = completeAgain(reason);
      int now = getNumberOfDependents();
      if (now >= left) {
        return;
      }
      left = now;
    }
  }

  /** Sets a result only if the first attempt failed before it set one. */
  private @Nullable Throwable completeAgain(Throwable reason) {
    try {
      completeExceptionally(new HermesException("It cannot be completed.", reason));
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  @Override
  public T join() {
    refuseToHang();
    return super.join();
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    refuseToHang();
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    refuseToHang();
    return super.get(timeout, unit);
  }

  private void refuseToHang() {
    if (!isDone() && acknowledgements.isCurrent()) {
      throw new HermesException(
          "A continuation waits for another receipt of the same publisher, but runs on the thread"
              + " that completes it.",
          "Compose the futures, or use thenAcceptAsync.",
          null);
    }
  }
}
