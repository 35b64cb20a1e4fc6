package io.hermes.subscribe;

import java.util.Arrays;

/**
 * Tracks which records of a partition were received and which of them are finished. Poll thread
 * only.
 *
 * <p>Records are registered in offset order, with gaps (compaction, transaction markers), and
 * finish in any order. {@link #committable()} is the lowest unfinished offset: everything before it
 * is finished, so a restart from there skips nothing.
 *
 * <p>A ring buffer holds the records from the lowest unfinished one on. A record's ticket, the
 * number of records before it, gives its index in the ring, so no search is needed.
 */
final class OffsetTracker {

  private long[] offsets = new long[64]; // by ticket; the complement (~offset) once finished
  private long[] receivedNs = new long[64];
  private long head; // the ticket of the lowest unfinished record
  private long tail; // the next record's ticket
  private long position; // the lowest offset that the next record can have
  private long highestFinished = -1;

  /** Starts at this offset, with nothing received: the next record is there or later. */
  OffsetTracker(long position) {
    this.position = position;
  }

  /**
   * Registers a received record.
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

  /** Every record below this offset was received. */
  void advance(long nextOffset) {
    position = Math.max(position, nextOffset);
  }

  /**
   * Marks a record as finished for good. Repeating it has no effect.
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

  /** The lowest unfinished offset; if nothing is unfinished, the offset to read next. */
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

  /** When the lowest unfinished record was received. Requires that there is one. */
  long oldestReceivedNs() {
    return receivedNs[index(head)];
  }

  /** How far the highest finished offset is ahead of the lowest unfinished one. */
  long span() {
    return Math.max(0, highestFinished - committable());
  }

  /** The finished offsets beyond {@link #committable()}. Walks over the whole ring. */
  OffsetRuns finishedBeyond() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    for (long ticket = head; ticket < tail; ticket++) {
      long offset = offsets[index(ticket)];
      if (offset < 0) {
        // Offsets between two received records hold no record: they belong to the run.
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
