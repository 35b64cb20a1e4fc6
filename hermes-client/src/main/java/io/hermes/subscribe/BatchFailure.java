package io.hermes.subscribe;

import io.hermes.SettingsException;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** A {@link BatchHandler} throws it to say what of the batch failed. */
public final class BatchFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final TreeMap<Integer, Throwable> failures;
  private final boolean others;

  private BatchFailure(String message, SortedMap<Integer, Throwable> failures, boolean others) {
    super(message, failures.get(failures.firstKey()));
    if (failures.firstKey() < 0) {
      throw new SettingsException("Events count from 0, not " + failures.firstKey() + ".", null);
    }
    this.failures = new TreeMap<>(failures);
    this.others = others;
  }

  /**
   * The handler came this far: the events before this one are acked; it goes to the {@link
   * ErrorPolicy}, with the cause, and comes again together with all after it.
   *
   * @param index its place in the batch, from 0 on
   * @param cause what went wrong with it
   * @return an exception to throw
   */
  public static BatchFailure at(int index, Throwable cause) {
    return new BatchFailure(
        "Event " + index + " of the batch failed.", new TreeMap<>(Map.of(index, cause)), false);
  }

  /**
   * These events failed and all others are done. With {@link ProcessingOrder#UNORDERED} each of
   * them goes to the {@link ErrorPolicy} on its own, in a batch of its own if it comes again, and
   * the others are acked. In the other orders nothing may be acked past the first that failed, so
   * it is as {@link #at} with that one.
   *
   * @param causes what went wrong, by the events' places in the batch, from 0 on
   * @return an exception to throw
   * @throws SettingsException if there is none
   * @throws NullPointerException if a cause is null
   */
  public static BatchFailure of(Map<Integer, ? extends Throwable> causes) {
    if (causes.isEmpty()) {
      throw new SettingsException("A batch of which nothing failed is no failure.", null);
    }
    causes.forEach((index, cause) -> Objects.requireNonNull(cause, "the cause of an event"));
    return new BatchFailure(
        "Events " + new TreeMap<>(causes).keySet() + " of the batch failed.",
        new TreeMap<>(causes),
        true);
  }

  /**
   * The place of the first event that failed.
   *
   * @return from 0 on
   */
  public int index() {
    return failures.firstKey();
  }

  /** What failed, by its place in the batch; one if the handler said how far it came. */
  SortedMap<Integer, Throwable> failures() {
    return failures;
  }

  /** Whether all events but those that failed are done. */
  boolean othersAreDone() {
    return others;
  }
}
