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
 * A future that the acknowledgement thread completes. A continuation that waited for one on that
 * thread would wait forever, so it gets an error instead.
 */
class GuardedFuture<T> extends CompletableFuture<T> {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final AcknowledgementThread acknowledgements;

  GuardedFuture(AcknowledgementThread acknowledgements) {
    this.acknowledgements = acknowledgements;
  }

  /**
   * Completes it. The JDK lets out what an exception's {@code toString} throws while it completes a
   * continuation's own future, and leaves out the continuations after that one: to complete again
   * resumes with those.
   *
   * @param completion completes this future
   */
  final void settle(Runnable completion) {
    Throwable failure = run(completion);
    int left = failure == null ? 0 : getNumberOfDependents();
    while (failure != null) {
      Throwable reason = failure;
      String owner = acknowledgements.owner();
      Thrown.log(
          owner,
          () ->
              LOG.error("{}: a continuation failed on the acknowledgement thread", owner, reason));
      failure =
          run(
              () -> {
                // Of effect only where it failed before it was complete.
                var unused =
                    completeExceptionally(new HermesException("It cannot be completed.", reason));
              });
      int now = getNumberOfDependents();
      if (now >= left) {
        return;
      }
      left = now;
    }
  }

  private static @Nullable Throwable run(Runnable completion) {
    try {
      completion.run();
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
              + " that completes it. Compose the futures, or use thenAcceptAsync.",
          null);
    }
  }
}
