package io.hermes.kafka;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Calls observers and listeners, which are user code. If one throws, neither the event nor the
 * other observers are affected. The exception is counted, and logged the first time that an
 * observer throws. Safe for any thread.
 */
public final class ObserverCalls {

  private final String owner;
  private final Logger log;
  private final LongAdder failures = new LongAdder();
  private final Set<Class<?>> logged = Collections.newSetFromMap(new ConcurrentHashMap<>());

  /**
   * Starts without any calls.
   *
   * @param owner the observed publisher or subscriber, logged at the start of each line
   * @param log where the first failure of each observer is logged
   */
  public ObserverCalls(String owner, Logger log) {
    this.owner = owner;
    this.log = log;
  }

  /** A call to an observer that returns a value. */
  @FunctionalInterface
  public interface Question<T, R> {
    /** The value that the observer returns. */
    @Nullable R of(T observer);
  }

  /** Calls an observer. */
  public <T> void call(T observer, Consumer<? super T> call) {
    try {
      call.accept(observer);
    } catch (Throwable e) { // other JVM languages can throw checked exceptions anywhere
      failed(observer, e);
    }
  }

  /** Calls an observer and returns its value; null if it returns null or throws. */
  public <T, R> @Nullable R ask(T observer, Question<T, R> question) {
    try {
      return question.of(observer);
    } catch (Throwable e) {
      failed(observer, e);
      return null;
    }
  }

  private void failed(Object observer, Throwable failure) {
    failures.increment();
    Class<?> type = observer.getClass();
    if (logged.add(type)) {
      Thrown.log(
          owner,
          () ->
              log.warn(
                  "{}: {} threw, which has no effect on the events. Further exceptions from it are"
                      + " counted in health() and logged at DEBUG.",
                  owner,
                  type.getName(),
                  failure));
    } else {
      Thrown.log(owner, () -> log.debug("{}: {} threw again", owner, type.getName(), failure));
    }
  }

  /** The number of calls that threw. */
  public long failures() {
    return failures.sum();
  }
}
