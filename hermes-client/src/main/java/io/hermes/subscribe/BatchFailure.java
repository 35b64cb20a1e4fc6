package io.hermes.subscribe;

/** A {@link BatchHandler} throws it to say how far it came. */
public final class BatchFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final int index;

  private BatchFailure(int index, Throwable cause) {
    super("Event " + index + " of the batch failed.", cause);
    this.index = index;
  }

  /**
   * One event failed: those before it are acked; it goes to the {@link ErrorPolicy}, with the
   * cause, and comes again together with all after it.
   *
   * @param index its place in the batch, from 0 on
   * @param cause what went wrong with it
   * @return an exception to throw
   */
  public static BatchFailure at(int index, Throwable cause) {
    return new BatchFailure(index, cause);
  }

  /**
   * The place of the event that failed.
   *
   * @return from 0 on
   */
  public int index() {
    return index;
  }
}
