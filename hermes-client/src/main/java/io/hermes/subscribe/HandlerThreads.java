package io.hermes.subscribe;

import io.hermes.SettingsException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Creates the threads that run handlers. */
final class HandlerThreads {

  private HandlerThreads() {}

  /** Virtual threads where the JVM has them, otherwise a pool of {@code concurrency} threads. */
  static ExecutorService own(String group, int concurrency) {
    String name = "hermes-" + group + "-";
    try {
      return virtual(name);
    } catch (Throwable none) {
      return pool(name, concurrency);
    }
  }

  static ExecutorService pool(String name, int concurrency) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            concurrency,
            concurrency,
            60,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            daemons(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  static ThreadFactory daemons(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** By method handles, as the bytecode is for Java 17. Throws if there are no virtual threads. */
  @SuppressWarnings("PMD")
  private static ExecutorService virtual(String name) throws Throwable {
    if (Runtime.version().feature() < 21) {
      throw new UnsupportedOperationException("Java 21 is the first that has virtual threads.");
    }
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    Class<?> builder = Class.forName("java.lang.Thread$Builder");
    Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
    MethodHandle make =
        lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
    MethodHandle named =
        lookup.findVirtual(
            ofVirtual, "name", MethodType.methodType(ofVirtual, String.class, long.class));
    MethodHandle factory =
        lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
    MethodHandle perTask =
        lookup.findStatic(
            Executors.class,
            "newThreadPerTaskExecutor",
            MethodType.methodType(ExecutorService.class, ThreadFactory.class));
    Object threads = named.invoke(make.invoke(), name, 1L);
    return (ExecutorService) perTask.invoke((ThreadFactory) factory.invoke(threads));
  }

  /** Refuses an executor that would run handlers on the poll thread. */
  static void refuseCallerRuns(Executor executor) {
    Thread caller = Thread.currentThread();
    CompletableFuture<Thread> ranOn = new CompletableFuture<>();
    try {
      executor.execute(() -> ranOn.complete(Thread.currentThread()));
    } catch (RejectedExecutionException e) {
      throw new SettingsException(
          "The executor rejects tasks.", "Pass one that is not shut down and has capacity.", e);
    }
    if (ranOn.getNow(null) == caller) {
      throw new SettingsException(
          "The executor runs tasks on the calling thread, which would be the one that polls"
              + " Kafka.",
          "Pass one with its own threads, or none.",
          null);
    }
  }
}
