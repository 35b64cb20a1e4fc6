package io.hermes.jdbc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.events.v1.UserEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the database committed and what is on the topic, compared. */
final class OutboxComparison {

  /** An event, by its id. */
  record Event(String key, String id) {

    static Event of(ConsumerRecord<byte[], byte[]> record) {
      try {
        return new Event(
            new String(record.key(), StandardCharsets.UTF_8),
            UserEvent.parseFrom(record.value()).getEventId());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static final int LISTED = 20;

  private final List<String> violations = new ArrayList<>();
  private final int committed;
  private final int published;
  private final int duplicates;
  private final long inFlight;

  /**
   * Compares.
   *
   * @param committed in commit order
   * @param topic in order within each partition, and so within each key
   * @param inFlight how many duplicates the kills explain
   * @param rows of the business table
   */
  OutboxComparison(List<Event> committed, List<Event> topic, long inFlight, long rows) {
    this.committed = committed.size();
    this.published = topic.size();
    Set<Event> onTopic = new LinkedHashSet<>(topic); // first occurrences, in their order
    this.duplicates = topic.size() - onTopic.size();
    this.inFlight = inFlight;
    if (rows != committed.size()) {
      violations.add(rows + " rows are committed, " + committed.size() + " decoded");
    }
    list("committed, not on the topic", without(committed, onTopic));
    list("on the topic, not committed", without(onTopic, new LinkedHashSet<>(committed)));
    Map<String, List<String>> inOrder = byKey(committed);
    byKey(onTopic)
        .forEach(
            (key, ids) -> {
              List<String> expected = inOrder.getOrDefault(key, List.of());
              int same = 0;
              while (same < ids.size()
                  && same < expected.size()
                  && ids.get(same).equals(expected.get(same))) {
                same++;
              }
              if (same < ids.size()) {
                violations.add(key + " is not in commit order from event " + ids.get(same) + " on");
              }
            });
    if (duplicates > inFlight) {
      violations.add(duplicates + " duplicates, but only " + inFlight + " were in flight");
    }
  }

  private void list(String what, List<Event> events) {
    if (!events.isEmpty()) {
      violations.add(
          events.size() + " " + what + ": " + events.subList(0, Math.min(LISTED, events.size())));
    }
  }

  private static List<Event> without(Collection<Event> events, Collection<Event> others) {
    return events.stream().filter(event -> !others.contains(event)).toList();
  }

  private static Map<String, List<String>> byKey(Collection<Event> events) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    for (Event event : events) {
      ids.computeIfAbsent(event.key, key -> new ArrayList<>()).add(event.id);
    }
    return ids;
  }

  List<String> violations() {
    return violations;
  }

  int committed() {
    return committed;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d events committed, %,d records on the topic, %,d of them duplicates (at most %,d were"
            + " in flight at the kills)",
        committed,
        published,
        duplicates,
        inFlight);
  }
}
