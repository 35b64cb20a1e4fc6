package io.hermes.subscribe;

import java.util.Arrays;

/**
 * What of one partition was received and what of that is finished. Only the poll thread.
 *
 * <p>Records are entered in the order of their offsets, which may have gaps (compaction,
 * transaction markers), and finish in any order. {@link #committable()} is the lowest offset that
 * is not finished: everything before it is, so a restart from there skips nothing.
 *
 * <p>A ring of the records from the lowest unfinished one on. A record's place in it follows from
 * its ticket, the count of records before it, so that nothing is searched.
 */
final class OffsetTracker {

  private long[] offsets = new long[64]; // by ticket; the complement (~offset) once finished
  private long[] receivedNs = new long[64];
  private long head; // the ticket of the lowest unfinished record
  private long tail; // the next record's ticket
  private long position; // the lowest offset that the next record can have
  private long highestFinished = -1;

  /** Nothing is received yet; what comes next is at this offset or behind it. */
  OffsetTracker(long position) {
    this.position = position;
  }

  /**
   * A record was received.
   *
   * @return its ticket, for {@link #finish}
   */
  long register(long offset, long nowNs) {
    if (offset < position) {
      throw new IllegalStateException("Offset " + offset + " came after " + (position - 1) + ".");
    }
    if (tail - head == offsets.length) {
      grow();
    }
    int i = index(tail);
    offsets[i] = offset;
    receivedNs[i] = nowNs;
    position = offset + 1;
    return tail++;
  }

  /** Everything below this offset was received, or is not there to be received. */
  void advance(long nextOffset) {
    position = Math.max(position, nextOffset);
  }

  /**
   * A record is finished for good. Once more has no effect.
   *
   * @return whether it was unfinished
   */
  boolean finish(long ticket) {
    if (ticket < head || ticket >= tail || offsets[index(ticket)] < 0) {
      return false;
    }
    int i = index(ticket);
    highestFinished = Math.max(highestFinished, offsets[i]);
    offsets[i] = ~offsets[i];
    while (head < tail && offsets[index(head)] < 0) {
      head++;
    }
    return true;
  }

  /** The lowest unfinished offset; where nothing is unfinished, the offset to read next. */
  long committable() {
    return head == tail ? position : offsets[index(head)];
  }

  /** The lowest offset that is not received yet. */
  long position() {
    return position;
  }

  boolean isEmpty() {
    return head == tail;
  }

  /** When the lowest unfinished record was received. Only if there is one. */
  long oldestReceivedNs() {
    return receivedNs[index(head)];
  }

  /** How far the highest finished offset is ahead of the lowest unfinished one. */
  long span() {
    return Math.max(0, highestFinished - committable());
  }

  /** What is finished beyond {@link #committable()}. Costs a walk over {@link #span()}. */
  OffsetRuns finishedBeyond() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    for (long ticket = head; ticket < tail; ticket++) {
      long offset = offsets[index(ticket)];
      if (offset < 0) {
        // What lies between two records is nothing that could be received: it belongs to the run.
        runs.add(~offset, ticket > head && offsets[index(ticket - 1)] < 0);
      }
    }
    return runs.build();
  }

  private int index(long ticket) {
    return (int) ticket & (offsets.length - 1);
  }

  private void grow() {
    long[] oldOffsets = offsets;
    long[] oldReceived = receivedNs;
    offsets = new long[oldOffsets.length * 2];
    receivedNs = Arrays.copyOf(oldReceived, offsets.length);
    for (long ticket = head; ticket < tail; ticket++) {
      int from = (int) ticket & (oldOffsets.length - 1);
      offsets[index(ticket)] = oldOffsets[from];
      receivedNs[index(ticket)] = oldReceived[from];
    }
  }
}
