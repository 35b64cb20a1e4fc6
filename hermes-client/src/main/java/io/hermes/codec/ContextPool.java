package io.hermes.codec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * A bounded pool of native contexts. If all of them are in use, a caller waits for another thread
 * to release one, usually for microseconds. Contexts are not thread-local because those of
 * terminated threads would leak.
 *
 * <p>After {@link #close()} the pool still hands out contexts but no longer keeps them, because
 * several clients may share a serde and each of them closes it. Safe for any thread.
 */
final class ContextPool<C extends NativeContext> implements AutoCloseable {

  private final Supplier<C> maker;
  private final Semaphore permits;
  private final Deque<C> idle = new ArrayDeque<>(); // guarded by itself
  private boolean closed; // guarded by idle

  ContextPool(int size, Supplier<C> maker) {
    this.maker = maker;
    this.permits = new Semaphore(size);
  }

  /**
   * A pool with two contexts for each processor: one for a running thread, one for a preempted
   * thread.
   */
  static <C extends NativeContext> ContextPool<C> of(Supplier<C> maker) {
    return new ContextPool<>(2 * Runtime.getRuntime().availableProcessors(), maker);
  }

  /** Takes a context. The caller owns it until {@link #release} or {@link #discard}. */
  C acquire() {
    permits.acquireUninterruptibly();
    C context;
    synchronized (idle) {
      context = idle.pollLast();
    }
    if (context != null) {
      return context;
    }
    try {
      return maker.get();
    } catch (Throwable e) {
      permits.release();
      throw e;
    }
  }

  /** Returns a context that can be reused. */
  void release(C context) {
    boolean kept;
    synchronized (idle) {
      kept = !closed;
      if (kept) {
        idle.addLast(context);
      }
    }
    if (!kept) {
      context.close();
    }
    permits.release();
  }

  /** Closes a context whose call failed, because its state is unknown. */
  void discard(C context) {
    context.close();
    permits.release();
  }

  /** Frees the idle contexts; those in use are freed when they are released. */
  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
      idle.forEach(NativeContext::close);
      idle.clear();
    }
  }
}
