package io.hermes.codec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Native contexts, kept for the next use. Never more than its size exist at once: who finds none
 * waits for another thread's, which is a matter of microseconds. Not one for each thread, as those
 * of threads that end would leak.
 *
 * <p>After {@link #close()} it still serves, since one serde may be shared by clients that each
 * close it, but keeps nothing. Safe for any thread.
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

  /** Contexts for as many threads as can run at once, and as many that were just preempted. */
  static <C extends NativeContext> ContextPool<C> of(Supplier<C> maker) {
    return new ContextPool<>(2 * Runtime.getRuntime().availableProcessors(), maker);
  }

  /** A context that is the caller's until {@link #release} or {@link #discard}. */
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

  /** Gives back a context that is ready for its next use. */
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

  /** Gives back a context that failed and may be in the middle of something. */
  void discard(C context) {
    context.close();
    permits.release();
  }

  /** Frees what is idle; what is in use is freed when it comes back. */
  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
      idle.forEach(NativeContext::close);
      idle.clear();
    }
  }
}
