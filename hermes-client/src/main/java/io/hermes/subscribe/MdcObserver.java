package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;

/**
 * Puts a record's position into the MDC while a handler runs, so that each line it logs identifies
 * the record.
 */
final class MdcObserver implements SubscriberObserver {

  static final String TOPIC = "hermes.topic";
  static final String PARTITION = "hermes.partition";
  static final String OFFSET = "hermes.offset";
  static final String KEY = "hermes.key";

  private final boolean withKey;

  MdcObserver(boolean withKey) {
    this.withKey = withKey;
  }

  /** Whether the logging backend has an MDC. */
  static boolean isOfUse() {
    MDCAdapter adapter = MDC.getMDCAdapter();
    return adapter != null && !(adapter instanceof NOPMDCAdapter);
  }

  @Override
  public Attempt attempt(HandlerCall call) {
    EventRecord<?> first = call.records().get(0);
    long last = call.records().get(call.records().size() - 1).offset();
    String offset = Long.toString(first.offset());
    List<Entry> entries = new ArrayList<>(4);
    entries.add(new Entry(TOPIC, first.topic()));
    entries.add(new Entry(PARTITION, Integer.toString(first.partition())));
    entries.add(new Entry(OFFSET, last == first.offset() ? offset : offset + "-" + last));
    if (withKey && !call.isBatch()) {
      entries.add(new Entry(KEY, String.valueOf(first.key())));
    }
    return new Attempt() {
      @Override
      public Scope open() {
        List<Entry> before = put(entries);
        return () -> {
          var unused = put(before);
        };
      }
    };
  }

  private record Entry(String name, @Nullable String value) {}

  /** Returns the previous entries. */
  private static List<Entry> put(List<Entry> entries) {
    List<Entry> before = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      before.add(new Entry(entry.name, MDC.get(entry.name)));
      if (entry.value == null) {
        MDC.remove(entry.name);
      } else {
        MDC.put(entry.name, entry.value);
      }
    }
    return before;
  }
}
