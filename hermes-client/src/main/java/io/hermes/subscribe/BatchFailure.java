package io.hermes.subscribe;

import io.hermes.SettingsException;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Thrown by a {@link BatchHandler} to report which events of the batch failed. */
public final class BatchFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final TreeMap<Integer, Throwable> failures;
  private final boolean others;

  private BatchFailure(String message, SortedMap<Integer, Throwable> failures, boolean others) {
    super(message, failures.get(failures.firstKey()));
    if (failures.firstKey() < 0) {
      throw new SettingsException(
          "An index starts at 0, but is " + failures.firstKey() + ".", null);
    }
    this.failures = new TreeMap<>(failures);
    this.others = others;
  }

  /**
   * Reports the first event that failed. The events before it are acked. The failed event goes to
   * the {@link ErrorPolicy} with the cause; if it is retried, all later events wait for it.
   *
   * @param index its index in the batch, from 0
   * @param cause why it failed
   * @return an exception to throw
   */
  public static BatchFailure at(int index, Throwable cause) {
    return new BatchFailure(
        "Event " + index + " of the batch failed.", new TreeMap<>(Map.of(index, cause)), false);
  }

  /**
   * Reports that these events failed and all others are done. With {@link
   * ProcessingOrder#UNORDERED} the others are acked, and each failed event goes to the {@link
   * ErrorPolicy} by itself; a retried event is a batch of its own. In the other orders nothing may
   * be acked past the first failure, so only the first one counts, as with {@link #at}.
   *
   * @param causes why each event failed, by its index in the batch, from 0
   * @return an exception to throw
   * @throws SettingsException if {@code causes} is empty
   * @throws NullPointerException if a cause is null
   */
  public static BatchFailure of(Map<Integer, ? extends Throwable> causes) {
    if (causes.isEmpty()) {
      throw new SettingsException("A BatchFailure needs at least one failed event.", null);
    }
    causes.forEach((index, cause) -> Objects.requireNonNull(cause, "the cause of an event"));
    return new BatchFailure(
        "Events " + new TreeMap<>(causes).keySet() + " of the batch failed.",
        new TreeMap<>(causes),
        true);
  }

  /**
   * The index of the first event that failed.
   *
   * @return 0 or more
   */
  public int index() {
    return failures.firstKey();
  }

  /** The causes by index in the batch; a single entry if created by {@link #at}. */
  SortedMap<Integer, Throwable> failures() {
    return failures;
  }

  /** Whether all events other than the failed ones are done. */
  boolean othersAreDone() {
    return others;
  }
}
