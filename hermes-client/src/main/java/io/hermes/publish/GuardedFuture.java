package io.hermes.publish;

import io.hermes.HermesException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that the acknowledgement thread completes. A continuation that waited for one on that
 * thread would wait forever, so it gets an error instead.
 */
class GuardedFuture<T> extends CompletableFuture<T> {

  private final AcknowledgementThread acknowledgements;

  GuardedFuture(AcknowledgementThread acknowledgements) {
    this.acknowledgements = acknowledgements;
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
          "A continuation waits for another receipt of the same publisher: it runs on the thread"
              + " that would have to bring it. Compose the futures, or continue with thenAcceptAsync.",
          null);
    }
  }
}
